"""Networks of timm: built, filled, and split from their heads."""

from __future__ import annotations

from pathlib import Path

import pytest
import timm
import torch

from headstart.core.card import Architecture, ModelCard
from headstart.core.errors import ModelError
from headstart.models.timm import network as timm_network
from headstart.models.timm.network import (
    TimmBackbone,
    architecture_of,
    create,
    create_pretrained,
    measure,
    own_channels,
    split,
    stages_of,
)
from headstart.models.timm.recipe import Recipe, from_folder
from tests.models.samples import TIMM, change_json, settle, timm_folder


def recipe(name: str = "test_resnet", **changes: object) -> Recipe:
    config = {"input_size": (3, 64, 64), "num_classes": 5, "first_conv": "conv1.0"}
    return Recipe(id=f"timm/{name}", architecture=name, config={**config, **changes})


@pytest.mark.parametrize("name", TIMM)
def test_measures_are_those_of_a_network_that_is_really_there(name: str) -> None:
    network = timm.create_model(name, num_classes=0).eval()
    with torch.no_grad():
        pooled = network(torch.randn(1, 3, *network.pretrained_cfg["input_size"][1:]))
    own = {key: network.pretrained_cfg[key] for key in ("input_size", "fixed_input_size")}
    architecture = Architecture(
        source="timm", name=name, arguments={"config": {"num_classes": 9, **own}, "model_args": {}}
    )
    width, parameters = measure(architecture, model=name)
    assert width == pooled.shape[1]
    assert parameters == sum(parameter.numel() for parameter in network.parameters())


def test_the_pooled_width_is_not_that_of_the_last_map() -> None:
    network = timm.create_model("mobilenetv3_small_050", features_only=True)
    architecture = architecture_of(recipe("mobilenetv3_small_050"), channels=None)
    assert measure(architecture, model="m").width == 1024
    assert network.feature_info.channels()[-1] == 288


def test_the_architecture_says_what_differs_from_the_plain_one() -> None:
    plain = architecture_of(recipe(), channels=None)
    assert plain.arguments["model_args"] == {}
    assert architecture_of(recipe(), channels=3) == plain
    assert architecture_of(recipe(), channels=4).arguments["model_args"] == {"in_chans": 4}


def test_own_channels() -> None:
    assert own_channels(recipe()) == 3
    assert own_channels(recipe(input_size=(1, 64, 64))) == 1
    assert own_channels(Recipe(id="m", architecture="m", config={}, arguments={"in_chans": 2})) == 2


def test_padding_given_by_a_folder_is_part_of_the_network(tmp_path: Path) -> None:
    """Built by its name alone it would pad otherwise: the same weights, and other features."""
    folder = timm_folder(tmp_path / "a", "mobilenetv3_small_050", model_args={"pad_type": "same"})
    found = from_folder(folder)
    architecture = architecture_of(found, channels=None)
    ours, _ = split(create(architecture), model="m")
    filled, _ = split(create_pretrained(architecture, found), model="m")
    ours.load_state_dict(filled.state_dict())
    plain = timm.create_model("mobilenetv3_small_050", num_classes=0)
    plain.load_state_dict(filled.state_dict())
    inputs = torch.randn(1, 3, 224, 224)
    with torch.no_grad():
        wanted = filled.eval()(inputs)
        assert torch.equal(ours.eval()(inputs), wanted)
        assert not torch.allclose(plain.eval()(inputs), wanted, atol=1e-3)


def test_position_embeddings_follow_the_picture_and_change_nothing_at_the_own_size(tmp_path: Path) -> None:
    folder = timm_folder(tmp_path / "a", "test_vit", fixed_input_size=True)
    found = from_folder(folder)
    architecture = architecture_of(found, channels=None)
    assert architecture.arguments["model_args"] == {"dynamic_img_size": True, "dynamic_img_pad": True}
    network = create_pretrained(architecture, found).eval()
    plain = timm.create_model(f"local-dir:{folder}", pretrained=True).eval()
    own = torch.randn(2, 3, 160, 160)
    with torch.no_grad():
        assert torch.equal(network(own), plain(own))
        assert network(torch.randn(2, 3, 100, 132)).shape == (2, 5)


def test_weights_of_half_precision_are_filled_into_full(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    folder = timm_folder(tmp_path / "a", "test_resnet")
    tensors = load_file(folder / "model.safetensors")
    save_file({name: value.half() for name, value in tensors.items()}, folder / "model.safetensors")
    found = from_folder(folder)
    network = create_pretrained(architecture_of(found, channels=None), found)
    assert {parameter.dtype for parameter in network.parameters()} == {torch.float32}


def test_pickled_weights_are_filled_in_too(tmp_path: Path) -> None:
    from safetensors.torch import load_file

    folder = timm_folder(tmp_path / "a", "test_resnet")
    tensors = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    torch.save(tensors, folder / "pytorch_model.bin")
    found = from_folder(folder)
    network = create_pretrained(architecture_of(found, channels=None), found)
    assert all(torch.equal(value, tensors[name]) for name, value in network.state_dict().items())


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    folder = timm_folder(tmp_path / "a", "test_resnet")
    change_json(folder / "config.json", architecture="test_vit")
    found = from_folder(folder)
    with pytest.raises(ModelError, match="could not load the weights of test_vit"):
        create_pretrained(architecture_of(found, channels=None), found)


def test_arguments_that_the_network_does_not_take_are_refused(tmp_path: Path) -> None:
    folder = timm_folder(tmp_path / "a", "test_resnet")
    change_json(folder / "config.json", model_args={"wings": 2})
    with pytest.raises(ModelError, match="could not build test_resnet.*wings"):
        measure(architecture_of(from_folder(folder), channels=None), model="m")


def test_a_network_that_does_not_pool_is_refused() -> None:
    unpooled = Recipe(id="m", architecture="test_resnet", config=recipe().config, arguments={"global_pool": ""})
    with pytest.raises(ModelError, match="no pooled features"):
        measure(architecture_of(unpooled, channels=None), model="m")


@pytest.mark.parametrize("channels", [1, 2, 4, 6])
def test_a_first_convolution_is_adapted(tmp_path: Path, channels: int) -> None:
    found = from_folder(timm_folder(tmp_path / "a", "test_resnet"))
    three = create_pretrained(architecture_of(found, channels=None), found)
    more = create_pretrained(architecture_of(found, channels=channels), found)
    assert more.conv1[0].weight.shape[1] == channels
    wanted = timm.models.adapt_input_conv(channels, three.conv1[0].weight)
    torch.testing.assert_close(more.conv1[0].weight, wanted)


def test_a_stem_that_cannot_be_adapted_is_refused_and_not_left_at_random(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = from_folder(timm_folder(tmp_path / "a", "test_resnet"))
    space_to_depth = {"conv1.0.weight": torch.zeros(8, 48, 3, 3)}
    monkeypatch.setattr(timm_network, "read_weights", lambda file: space_to_depth)
    with pytest.raises(ModelError, match="cannot be given 4 channels"):
        create_pretrained(architecture_of(found, channels=4), found)


def test_a_head_of_several_parts_is_not_kept() -> None:
    network = timm.create_model("deit_tiny_distilled_patch16_224")
    body, head = split(network, model="m")
    assert head is None
    assert body(torch.randn(1, 3, 224, 224)).shape == (1, 192)


def test_a_network_without_a_classifier_is_refused() -> None:
    with pytest.raises(ModelError, match="no classifier"):
        split(torch.nn.Linear(2, 2), model="m")


def test_networks_without_groups_of_their_own_are_grouped_by_registration() -> None:
    network, _ = split(timm.create_model("pit_ti_224"), model="m")
    assert not hasattr(network, "group_matcher")
    card = None
    backbone = TimmBackbone(network, card=card, architecture=None, width=1, head=None)  # type: ignore[arg-type]
    names = [name for group in backbone.layer_groups() for name in group]
    assert sorted(names) == sorted(name for name, _ in backbone.named_parameters())
    assert len(backbone.layer_groups()) > 10


STAGED = (
    "test_resnet",
    "test_efficientnet",
    "test_convnext",
    "test_vit",
    "test_byobnet",
    "test_nfnet",
    "mobilenetv2_035",
)
"""One of each kind: maps after each stage, and layers of one width."""


def backbone_of(name: str, **arguments: object) -> TimmBackbone:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = timm.create_model(name, num_classes=5, **arguments)
        settle(network, size=network.pretrained_cfg["input_size"][-1])
    width = network.num_features if not hasattr(network, "head_hidden_size") else network.head_hidden_size
    body, _ = split(network, model=name)
    card = ModelCard(id=f"timm/{name}", source="timm")
    described = Architecture(source="timm", name=name)
    return TimmBackbone(body, card=card, architecture=described, width=width, head=None).eval()


@pytest.mark.parametrize("name", STAGED)
@torch.no_grad()
def test_features_of_several_layers_end_with_the_pooled_ones(name: str) -> None:
    backbone = backbone_of(name)
    inputs = torch.randn(3, 3, *timm.get_pretrained_cfg(name).input_size[1:])
    pooled, found = backbone(inputs).pooled, backbone.forward_stages(inputs)
    assert found.stages is not None
    assert found.stages.shape == (3, backbone.stage_width)
    assert backbone.stage_width > backbone.width == pooled.shape[1]
    torch.testing.assert_close(found.pooled, pooled, rtol=1e-5, atol=1e-6)
    assert torch.equal(found.stages[:, -backbone.width :], found.pooled)
    # no column is the same for every picture: each is a mean of a map, and not of something else
    assert float((found.stages.std(dim=0) > 0).float().mean()) > 0.9


@pytest.mark.parametrize("name", ["test_resnet", "test_efficientnet", "test_vit"])
@torch.no_grad()
def test_stages_are_means_of_the_maps_on_the_way(name: str) -> None:
    """Caught where they come out of the network's own layers."""
    backbone = backbone_of(name)
    body = backbone.body
    layers = list(body.blocks) if hasattr(body, "blocks") else [body.layer1, body.layer2, body.layer3, body.layer4]
    maps: list[torch.Tensor] = []
    for layer in layers:
        layer.register_forward_hook(lambda module, given, output: maps.append(output))
    inputs = torch.randn(2, 3, *timm.get_pretrained_cfg(name).input_size[1:])
    stages = backbone.forward_stages(inputs).stages
    assert stages is not None
    prefix = getattr(body, "num_prefix_tokens", 0)
    means = [one.mean((2, 3)) if one.ndim == 4 else one[:, prefix:].mean(1) for one in maps]
    start = 0
    for channels in stages_of(body)[1]:
        part = stages[:, start : start + channels]
        assert any(mean.shape == part.shape and torch.allclose(mean, part, rtol=1e-4, atol=1e-5) for mean in means)
        start += channels
    assert start + backbone.width == backbone.stage_width


@pytest.mark.parametrize("name", ["test_resnet", "test_vit", "test_convnext"])
def test_there_are_at_most_four_stages_from_fine_to_coarse(name: str) -> None:
    indices, channels = stages_of(backbone_of(name).body)
    assert len(indices) == len(channels) <= 4
    assert indices == sorted(set(indices))
    assert indices[-1] == len(timm.create_model(name).feature_info) - 1


def test_of_many_layers_four_are_spaced_evenly() -> None:
    indices, channels = stages_of(timm.create_model("vit_tiny_patch16_224"))
    assert indices == [2, 5, 8, 11]
    assert channels == [192] * 4


def test_a_network_without_maps_on_the_way_has_no_stages() -> None:
    assert stages_of(torch.nn.Linear(2, 2)) == ([], [])
    network, _ = split(timm.create_model("test_resnet"), model="m")
    network.feature_info = None
    card = ModelCard(id="timm/m", source="timm")
    backbone = TimmBackbone(network, card=card, architecture=Architecture(source="timm", name="m"), width=96, head=None)
    assert backbone.stage_width == 0
    with pytest.raises(ValueError, match="timm/m gives the last layer's features only"):
        backbone.forward_stages(torch.zeros(1, 3, 32, 32))
