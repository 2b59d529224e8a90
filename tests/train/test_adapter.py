"""Low-rank updates: the body stays frozen beside them, and afterwards the network is an ordinary one again."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from headstart import models
from headstart.core.errors import OptionError
from headstart.core.strategy import Adapter
from headstart.models.backbone import Features
from headstart.tasks.task import Model
from headstart.train.adapter import adapted, belongs_to_adapter, insert, layers, merge, merged_copy
from headstart.train.groups import parameter_groups
from headstart.train.layers import depths
from headstart.train.loop import Validation, train
from tests.train.tiny import FROZEN_BODY, strategy, tiny_feed, tiny_model
from tests.worlds import SIDE, write_network

ADAPTER = Adapter(rank=2, alpha=4.0, learning_rate=0.05)


def with_updates(model: Model) -> None:
    """Give the updates, which start at zero, something to add."""
    with torch.no_grad():
        for name, value in model.named_parameters():
            if belongs_to_adapter(name):
                value.normal_(0, 0.1)


@pytest.mark.parametrize("name", ["test_resnet", "test_vit", "test_efficientnet", "test_mambaout"])
def test_merged_equals_unmerged_and_has_the_ordinary_architecture(tmp_path: Path, name: str) -> None:
    backbone = models.load(str(write_network(tmp_path / "network", name=name))).eval()
    model = Model(backbone, nn.Identity())
    shapes = {key: value.shape for key, value in model.state_dict().items()}
    inputs = torch.randn(3, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        plain = backbone(inputs).pooled
    insert(model, ADAPTER)
    with torch.inference_mode():
        torch.testing.assert_close(backbone(inputs).pooled, plain)
    with_updates(model)
    with torch.inference_mode():
        unmerged = model.eval().backbone(inputs).pooled
        assert not torch.allclose(unmerged, plain, atol=1e-3)
        copied = merged_copy(model)
        assert any(belongs_to_adapter(key) for key, _ in model.named_parameters())
        merge(model)
        for merged in (model, copied):
            assert {key: value.shape for key, value in merged.state_dict().items()} == shapes
            torch.testing.assert_close(merged.backbone(inputs).pooled, unmerged, rtol=1e-5, atol=1e-5)


def test_only_updates_and_the_head_move_and_what_was_validated_is_what_is_kept() -> None:
    model, task = tiny_model()
    model.backbone.dropout.p = 0.0
    before = {name: value.clone() for name, value in model.state_dict().items()}
    seen: list[dict[str, torch.Tensor]] = []

    def validate(shown: Model) -> Validation:
        seen.append({name: value.clone() for name, value in shown.state_dict().items()})
        return Validation(-float(len(seen)))

    chosen = strategy(rules=FROZEN_BODY, adapter=ADAPTER, early_stopping=True, epochs=3, normalisation="trained")
    result = train(model, task, tiny_feed(), chosen, validate=validate)
    after = model.state_dict()
    assert after.keys() == before.keys()
    moved = {name for name in after if not torch.equal(after[name], before[name])}
    convolutions = {"backbone.first.0.weight", "backbone.second.0.weight"}
    assert moved == convolutions | {"head.linear.weight", "head.linear.bias"}
    assert result.best_epoch == 1
    for name, value in after.items():
        torch.testing.assert_close(value, seen[0][name])
    first, second = (2 * (fan_in * 9 + fan_out) for fan_in, fan_out in ((3, 6), (6, 8)))
    assert result.trained_parameters == first + second + 8 * 3 + 3


def test_the_same_seed_gives_the_same_updates() -> None:
    ends = []
    for _ in range(2):
        model, task = tiny_model()
        train(model, task, tiny_feed(), strategy(rules=FROZEN_BODY, adapter=ADAPTER))
        ends.append(model.backbone.first[0].weight.detach().clone())
    assert torch.equal(*ends)


def test_updates_have_their_own_rate() -> None:
    model, _ = tiny_model()
    insert(model, ADAPTER.model_copy(update={"learning_rate": 0.3}))
    groups = parameter_groups(model, strategy(rules=FROZEN_BODY, adapter=ADAPTER))
    rates = {group.learning_rate for group in groups for name in group.parameters if belongs_to_adapter(name)}
    assert rates == {ADAPTER.learning_rate}


class Grouped(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(4, 4, 3, groups=4)
        self.attention = nn.MultiheadAttention(4, 2)
        self.linear = nn.Linear(4, 4)


class OwnConvolution(nn.Conv2d):
    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return super().forward(nn.functional.pad(inputs, (0, 1, 0, 1)))


def test_layers_that_cannot_be_merged_are_left_alone() -> None:
    body = nn.Sequential(Grouped(), OwnConvolution(4, 4, 3), nn.Conv2d(4, 4, 1))
    assert layers(body) == ["0.linear", "2"]


class AsksForItsStride(nn.Module):
    """As MobileNets of transformers do, to pad as TensorFlow does."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        assert (self.layer.stride, self.layer.kernel_size) == ((1, 1), (3, 3))
        found: torch.Tensor = self.layer(inputs)
        return found


def test_a_network_may_ask_a_layer_for_its_numbers() -> None:
    model, task = tiny_model()
    model.backbone.first[0] = AsksForItsStride(model.backbone.first[0])
    train(model, task, tiny_feed(), strategy(rules=FROZEN_BODY, adapter=ADAPTER))
    assert isinstance(model.backbone.first[0].layer, nn.Conv2d)


def test_a_network_without_such_a_layer_is_told_as_such() -> None:
    model, task = tiny_model()
    for stage in (model.backbone.first, model.backbone.second):
        stage[0] = OwnConvolution(*stage[0].weight.shape[1::-1], 3)
    with pytest.raises(OptionError, match="no layer that a low-rank adapter could be merged into"):
        train(model, task, tiny_feed(), strategy(rules=FROZEN_BODY, adapter=ADAPTER))


def test_a_training_that_fails_leaves_an_ordinary_network() -> None:
    model, _ = tiny_model()
    names = list(model.state_dict())

    def fail() -> None:
        with adapted(model, ADAPTER):
            assert list(model.state_dict()) != names
            raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        fail()
    assert list(model.state_dict()) == names
    assert isinstance(model.backbone(torch.randn(1, 3, 8, 8)), Features)


@pytest.mark.parametrize("name", ["test_resnet", "test_vit"])
def test_layer_groups_hold_the_updates_too(tmp_path: Path, name: str) -> None:
    backbone = models.load(str(write_network(tmp_path / "network", name=name)))
    model = Model(backbone, nn.Linear(backbone.width, 2))
    insert(model, ADAPTER)
    body = {each for each, _ in model.named_parameters() if each.startswith("backbone.")}
    found = depths(model)
    assert found.keys() == body
    for each in body:
        layer = each.partition(".lora_")[0]
        if belongs_to_adapter(each):
            assert found[each] == found[f"{layer}.base_layer.weight"]
