"""Networks of timm: built, filled, and split from their heads."""

from __future__ import annotations

from pathlib import Path

import pytest
import timm
import torch

from headstart.core.card import Architecture
from headstart.core.errors import ModelError
from headstart.models import timm_network
from headstart.models.timm_network import (
    architecture_of,
    create,
    create_pretrained,
    measure,
    own_channels,
    split,
)
from headstart.models.timm_recipe import Recipe, from_folder
from tests.models.samples import TIMM, change_json, timm_folder


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
    from headstart.models.timm_network import TimmBackbone

    network, _ = split(timm.create_model("pit_ti_224"), model="m")
    assert not hasattr(network, "group_matcher")
    card = None
    backbone = TimmBackbone(network, card=card, architecture=None, width=1, head=None)  # type: ignore[arg-type]
    names = [name for group in backbone.layer_groups() for name in group]
    assert sorted(names) == sorted(name for name, _ in backbone.named_parameters())
    assert len(backbone.layer_groups()) > 10
