"""A network of Keras as a module of torch: the same numbers, gradients, and statistics that stay or follow."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
import torch

from headstart import models
from headstart.core.card import InputFacts
from headstart.core.errors import ModelError
from headstart.models.backbone import Backbone
from headstart.models.keras.network import KerasBatchNorm, KerasDropout
from tests.models.hub_samples import keras_inputs


@pytest.fixture
def files(keras_folder: Path) -> Path:
    return keras_folder


def facts_of(backbone: Backbone) -> InputFacts:
    assert isinstance(backbone.card.input, InputFacts)
    return backbone.card.input


def pooled(backbone: Backbone, inputs: torch.Tensor) -> torch.Tensor:
    found = backbone(inputs).pooled
    assert found is not None
    return found


@pytest.mark.parametrize("name", ["classifier", "grey", "headless", "maps"])
def test_it_says_what_keras_says_in_a_process_of_its_own(files: Path, name: str) -> None:
    details = "#mean=0#std=1" if name == "grey" else ""
    backbone = models.load(f"{files / name}.keras{details}")
    inputs, theirs = keras_inputs(files, name, facts_of(backbone))
    with torch.no_grad():
        features = pooled(backbone, inputs)
        logits = backbone.source_logits(features)
        ours = features if logits is None else logits.softmax(1)
    theirs = theirs.mean((1, 2)) if theirs.ndim == 4 else theirs
    assert float((ours - theirs).abs().max()) <= 1e-4
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        assert pooled(backbone, inputs.contiguous(memory_format=torch.channels_last)).shape == features.shape


def test_statistics_are_buffers_and_follow_only_in_training(files: Path) -> None:
    backbone = models.load(str(files / "classifier.keras"))
    inputs = torch.rand(8, 3, 32, 32) * 255
    names = {name for name, _ in backbone.named_parameters()}
    assert not any("running" in name or "moving" in name for name in names)
    assert sorted(names) == sorted(name for group in backbone.layer_groups() for name in group)
    (first, *_) = norms = [each for each in backbone.modules() if isinstance(each, KerasBatchNorm)]
    assert len(norms) == 2
    before = copy.deepcopy(backbone.state_dict())
    with torch.no_grad():
        backbone.eval()(inputs)
    assert all(torch.equal(value, before[name]) for name, value in backbone.state_dict().items())
    backbone.train()
    first.eval()
    with torch.no_grad():
        backbone(inputs)
    moved = {name for name, value in backbone.state_dict().items() if not torch.equal(value, before[name])}
    assert {name.split(".")[1].split("_")[0] for name in moved} == {"6"}
    assert {name.split(".")[2] for name in moved} == {"running_mean", "running_var"}


def test_the_momentum_is_the_one_of_keras(files: Path) -> None:
    backbone = models.load(str(files / "classifier.keras")).train()
    norm = next(each for each in backbone.modules() if isinstance(each, KerasBatchNorm))
    assert norm.momentum == pytest.approx(0.1)  # Keras says 0.9
    assert norm.running_mean is not None
    inputs, before = torch.rand(8, 3, 32, 32) * 255, norm.running_mean.clone()
    kernel = backbone.get_parameter("body.2_Conv2D.kernel").permute(3, 2, 0, 1)
    with torch.no_grad():
        backbone(inputs)
        padded = torch.nn.functional.pad(inputs / 127.5 - 1, (0, 1, 0, 1))
        batch = torch.nn.functional.conv2d(padded, kernel, stride=2).mean((0, 2, 3))
    torch.testing.assert_close(norm.running_mean, 0.9 * before + 0.1 * batch, rtol=1e-4, atol=1e-4)


def test_gradients_reach_every_weight_and_no_statistic(files: Path) -> None:
    backbone = models.load(str(files / "classifier.keras"))
    pooled(backbone.train(), torch.rand(4, 3, 32, 32) * 255).square().sum().backward()
    assert all(value.grad is not None for value in backbone.parameters())
    weight = backbone.get_parameter("body.3_BatchNormalization.weight")
    assert float(weight.grad.abs().sum()) > 0  # type: ignore[union-attr]


def test_copies_do_not_share_what_they_learn(files: Path) -> None:
    backbone = models.load(str(files / "classifier.keras"))
    inputs = torch.rand(2, 3, 32, 32) * 255
    with torch.no_grad():
        before = pooled(backbone, inputs)
        twin = copy.deepcopy(backbone)
        for parameter in twin.parameters():
            parameter.zero_()
        assert torch.equal(pooled(backbone, inputs), before)
        assert not torch.equal(pooled(twin, inputs), before)


def test_dropout_follows_the_randomness_of_torch_and_is_known_as_such(files: Path) -> None:
    backbone = models.load(f"{files / 'grey.keras'}#mean=0#std=1").train()
    (dropout,) = [each for each in backbone.modules() if isinstance(each, KerasDropout)]
    assert dropout.drop_prob == 0.5
    inputs, made = torch.rand(2, 1, 20, 20), []
    for seed in (0, 0, 1, 2, 3):
        torch.manual_seed(seed)
        made.append(pooled(backbone, inputs))
    assert torch.equal(made[0], made[1])
    assert any(not torch.equal(made[0], other) for other in made[2:])


def test_fresh_weights_follow_the_randomness_of_torch(files: Path) -> None:
    backbone = models.load(str(files / "classifier.keras"))
    fresh = []
    for seed in (0, 0, 1):
        torch.manual_seed(seed)
        fresh.append(backbone.new_like().state_dict())
    name = "body.2_Conv2D.kernel"
    assert list(fresh[0]) == list(backbone.state_dict())
    assert torch.equal(fresh[0][name], fresh[1][name])
    assert not torch.equal(fresh[0][name], fresh[2][name])


def test_maps_are_what_layers_hand_on_and_a_gradient_flows_through_them(files: Path) -> None:
    backbone = models.load(str(files / "classifier.keras"))
    assert (backbone.map_channels, backbone.map_strides) == ((8, 12), (2, 4))
    inputs = torch.rand(2, 3, 32, 32) * 255
    maps = backbone.eval().forward_maps(inputs).maps
    assert maps is not None
    assert [tuple(each.shape) for each in maps] == [(2, 8, 16, 16), (2, 12, 8, 8)]
    torch.testing.assert_close(maps[-1].mean((2, 3)), pooled(backbone, inputs))
    maps[-1].sum().backward()
    assert all(weight.grad is not None for name, weight in backbone.named_parameters() if "_Dense" not in name)
    twin = copy.deepcopy(backbone)
    with torch.no_grad():
        for weight in twin.parameters():
            weight.mul_(2)
    others = twin.forward_maps(inputs).maps
    assert others is not None
    assert not torch.equal(others[0], maps[0])


def test_a_graph_of_one_resolution_has_no_maps(files: Path) -> None:
    backbone = models.load(f"{files / 'grey'}.keras#mean=0#std=1")
    assert backbone.map_channels == ()
    with pytest.raises(ModelError, match="gives no feature maps"):
        backbone.forward_maps(torch.zeros(1, 1, 20, 20))
