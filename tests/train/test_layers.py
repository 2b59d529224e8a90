"""Which parameters are of normalisation layers, and how far each is from the head."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from headstart import models
from headstart.core.errors import OptionError
from headstart.core.strategy import Rule
from headstart.tasks.task import Model
from headstart.train.groups import parameter_groups, set_modes
from headstart.train.layers import depths, groups_from_head, normalisation_names
from headstart.train.loop import train
from tests.train.tiny import NormMixer, strategy, tiny_feed, tiny_model
from tests.worlds import write_network

NORM_ONLY = (
    Rule(pattern="head.*", learning_rate=0.05),
    Rule(pattern="backbone.*", learning_rate=0.05, only="normalisation"),
    Rule(pattern="backbone.*"),
)


def test_a_layer_is_one_of_normalisation_by_its_type_or_the_name_of_its_class() -> None:
    world = nn.ModuleDict(
        {
            "batch": nn.BatchNorm2d(4),
            "layer": nn.LayerNorm(4),
            "group": nn.GroupNorm(2, 4),
            "instance": nn.InstanceNorm2d(4, affine=True),
            "linear": nn.Linear(4, 4),
            "mixer": NormMixer(4),
        }
    )
    names = normalisation_names(world)
    assert {"batch.running_mean", "batch.weight", "layer.bias", "group.weight", "instance.weight"} <= names
    assert {"mixer.scale", "mixer.norm.weight"} <= names
    assert not any(name.startswith(("linear.", "mixer.inner.")) for name in names)


@pytest.mark.parametrize("normalisation", ["frozen", "trained"])
def test_only_normalisation_layers_and_the_head_move(normalisation: str) -> None:
    model, task = tiny_model()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    train(model, task, tiny_feed(), strategy(rules=NORM_ONLY, normalisation=normalisation))
    moved = {name for name, value in model.state_dict().items() if not torch.equal(value, before[name])}
    scales = {f"backbone.{part}.1.{kind}" for part in ("first", "second") for kind in ("weight", "bias")}
    kinds = ("running_mean", "running_var", "num_batches_tracked")
    statistics = {f"backbone.{part}.1.{kind}" for part in ("first", "second") for kind in kinds}
    head = {"head.linear.weight", "head.linear.bias"}
    assert moved == scales | head | (statistics if normalisation == "trained" else set())


def test_normalisation_layers_of_a_network_without_any_are_asked_for_in_vain() -> None:
    model, _ = tiny_model()
    model.backbone.first[1], model.backbone.second[1] = nn.Identity(), nn.Identity()
    with pytest.raises(OptionError, match="no normalisation layer"):
        parameter_groups(model, strategy(rules=NORM_ONLY))


def test_an_uncovered_parameter_stays_an_error_where_a_rule_is_for_normalisation() -> None:
    model, _ = tiny_model()
    with pytest.raises(OptionError, match=r"backbone\.first\.0\.weight"):
        parameter_groups(model, strategy(rules=NORM_ONLY[:2]))


def test_modes_follow_rules_for_normalisation() -> None:
    model, _ = tiny_model()
    set_modes(model, strategy(rules=NORM_ONLY, normalisation="trained"))
    assert model.backbone.first[1].training
    assert not model.backbone.first[0].training


def test_rates_fall_with_every_layer_group_from_the_head() -> None:
    model, _ = tiny_model()
    chosen = strategy(rules=(Rule(pattern="*", learning_rate=0.8),), layer_decay=0.5)
    rates = {name: group.learning_rate for group in parameter_groups(model, chosen) for name in group.parameters}
    assert rates["head.linear.weight"] == 0.8
    assert rates["backbone.second.0.weight"] == rates["backbone.second.1.bias"] == 0.4
    assert rates["backbone.first.0.weight"] == 0.2
    assert rates.keys() == dict(model.named_parameters()).keys()


@pytest.mark.parametrize("name", ["test_resnet", "test_vit", "test_efficientnet"])
def test_every_parameter_of_real_networks_has_one_depth(tmp_path: Path, name: str) -> None:
    backbone = models.load(str(write_network(tmp_path / "network", name=name)))
    model = Model(backbone, nn.Linear(backbone.width, 2))
    grouped = [each for names in groups_from_head(model) for each in names]
    body = [each for each, _ in model.named_parameters() if each.startswith("backbone.")]
    assert sorted(grouped) == sorted(body)
    found = depths(model)
    assert min(found.values()) == 1
    assert found[body[0]] == max(found.values()) > 1
