"""Carrying out a plan, in every way that there is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn, optim

from headstart import models
from headstart.core.dataset import Part
from headstart.core.options import FitOptions, StrategyOptions
from headstart.core.strategy import Plan
from headstart.data.decode import load_pixels
from headstart.execution import Outcome, execute, train_only
from headstart.features.pictures import normalise
from headstart.floor import on_features
from headstart.loading import load_data, split
from headstart.planning import plan
from headstart.train.feed import epoch_order, split_order
from tests.worlds import write_network, write_world


@pytest.fixture
def world(tmp_path: Path) -> Path:
    return write_world(tmp_path / "data")


@pytest.fixture
def network(tmp_path: Path) -> Path:
    return write_network(tmp_path / "network", seed=7)  # no seed of a fit: scratch must not start from the same weights


def carried_out(world: Path, network: Path, *, strategy: str, seed: int = 0, **settings: object) -> Outcome:
    options = FitOptions(model=str(network), strategy=strategy, seed=seed, settings=StrategyOptions(**settings))  # type: ignore[arg-type]
    dataset = split(load_data(world), options)
    return execute(plan(dataset, options), dataset)


ARMS = [
    ("linear-probe", {}),
    ("linear-probe", {"solver": "ridge"}),
    ("linear-probe", {"epochs": 2}),
    ("linear-probe", {"epochs": 1, "augmentation": "flip"}),
    ("full", {"epochs": 1}),
    ("scratch", {"epochs": 1, "class_weights": "balanced"}),
    ("lora", {"epochs": 1}),
    ("norm-only", {"epochs": 1, "mixup": 0.2}),
    ("gradual", {"epochs": 2, "average_decay": 0.5, "soup": True}),
    ("l2-sp", {"epochs": 1}),
    ("contrastive", {"epochs": 1, "class_weights": "balanced"}),
]


@pytest.mark.parametrize(("strategy", "settings"), ARMS)
def test_every_arm_leaves_a_model_and_numbers(
    world: Path, network: Path, strategy: str, settings: dict[str, object]
) -> None:
    outcome = carried_out(world, network, strategy=strategy, **settings)
    record = outcome.record
    assert record.test is not None
    assert record.test.items == 18
    assert 0 <= record.test.metrics["accuracy"] <= 1
    assert (record.validation is None) == (strategy == "contrastive")  # which learns from all items that are known
    np.testing.assert_allclose(outcome.held_out.sum(axis=1), 1, atol=1e-5)
    assert record.items == {
        "train": 36 - record.items["validation"],
        "validation": record.items["validation"],
        "test": 18,
    }
    assert record.seconds["total"] > 0


def test_a_frozen_backbone_is_bit_identical_afterwards(world: Path, network: Path) -> None:
    before = models.load(str(network)).state_dict()
    for settings in ({}, {"epochs": 1}, {"epochs": 1, "augmentation": "flip"}):
        outcome = carried_out(world, network, strategy="linear-probe", **settings)
        after = outcome.trained.model.backbone.state_dict()
        assert all(torch.equal(before[name], after[name]) for name in before)
        head = sum(parameter.numel() for parameter in outcome.trained.model.head.parameters())
        assert outcome.record.trained_parameters == head


def test_scratch_starts_from_other_weights_than_the_pretrained_ones(world: Path, network: Path) -> None:
    before = models.load(str(network)).state_dict()
    settings = {"epochs": 1, "learning_rate": 1e-12, "normalisation": "frozen"}
    after = carried_out(world, network, strategy="scratch", **settings).trained.model.backbone.state_dict()
    moved = [name for name, value in before.items() if value.ndim == 4 and not torch.allclose(value, after[name])]
    assert len(moved) == sum(value.ndim == 4 for value in before.values())


@pytest.mark.parametrize(("strategy", "settings"), [("linear-probe", {}), *ARMS[2:8]])
def test_one_seed_gives_one_result(world: Path, network: Path, strategy: str, settings: dict[str, object]) -> None:
    first, second = (carried_out(world, network, strategy=strategy, seed=3, **settings) for _ in range(2))
    np.testing.assert_array_equal(first.held_out, second.held_out)


def test_another_seed_gives_another(world: Path, network: Path) -> None:
    first, second = (carried_out(world, network, strategy="scratch", epochs=1, seed=seed) for seed in (0, 1))
    assert not np.array_equal(first.held_out, second.held_out)


def test_the_held_out_part_trains_nothing(world: Path, network: Path, tmp_path: Path) -> None:
    """With other test pictures and other test labels, the same weights come out."""
    other = write_world(tmp_path / "other", seed=0)
    for path in sorted((other / "test" / "circle").iterdir()):
        path.rename(other / "test" / "cross" / f"moved-{path.name}")
    for strategy, settings in (("linear-probe", {}), ("full", {"epochs": 1})):
        ours, theirs = (carried_out(root, network, strategy=strategy, **settings) for root in (world, other))
        mine, yours = (outcome.trained.model.state_dict() for outcome in (ours, theirs))
        assert all(torch.equal(mine[name], yours[name]) for name in mine)
        assert ours.record.test != theirs.record.test


def test_the_classic_loop_in_one_line_of_options_equals_the_plain_loop(world: Path, network: Path) -> None:
    """Frozen backbone, new linear layer, SGD 0.001 with momentum 0.9, cross-entropy, 10 epochs."""
    settings = {"optimizer": "sgd", "learning_rate": 0.001, "momentum": 0.9, "epochs": 10, "batch_size": 8}
    options = FitOptions(
        model=str(network),
        strategy="linear-probe",
        settings=StrategyOptions(schedule="constant", warm_up=0.0, **settings),  # type: ignore[arg-type]
    )
    dataset = split(load_data(world), options)
    planned = plan(dataset, options)
    assert on_features(planned)
    ours = execute(planned, dataset)

    part = dataset.part(Part.TRAIN)
    facts = planned.input
    pictures = np.stack([load_pixels(part.inputs.read(index), facts) for index in range(len(part))])
    inputs, targets = normalise(torch.from_numpy(pictures), facts), torch.from_numpy(part.targets.astype(np.int64))
    backbone = models.load(str(network)).eval()
    for parameter in backbone.parameters():
        parameter.requires_grad = False
    torch.manual_seed(0)
    head = nn.Linear(backbone.width, len(dataset.labels))
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.SGD(head.parameters(), lr=0.001, momentum=0.9)
    for epoch in range(10):
        for chunk in split_order(epoch_order(len(part), seed=0, epoch=epoch), 8):
            optimizer.zero_grad()
            criterion(head(backbone(inputs[chunk]).pooled), targets[chunk]).backward()
            optimizer.step()
    test = dataset.part(Part.TEST)
    pictures = np.stack([load_pixels(test.inputs.read(index), facts) for index in range(len(test))])
    with torch.inference_mode():
        features = backbone(normalise(torch.from_numpy(pictures), facts))
        plain = head(features.pooled)
        logits = ours.trained.model.head(features)
    np.testing.assert_allclose(logits.numpy(), plain.numpy(), atol=1e-5)


def test_mirrored_features_are_used_in_training_and_prediction(world: Path, network: Path) -> None:
    options = FitOptions(model=str(network), strategy="linear-probe", mirrored=True)
    dataset = split(load_data(world), options)
    outcome = execute(plan(dataset, options), dataset)
    assert outcome.trained.record.views[0].mirrored
    plain = carried_out(world, network, strategy="linear-probe")
    assert not np.array_equal(outcome.held_out, plain.held_out)


def test_an_adapter_is_merged_by_both_ways_of_training(world: Path, network: Path) -> None:
    options = FitOptions(model=str(network), strategy="lora", settings=StrategyOptions(epochs=1))
    dataset = split(load_data(world), options)
    planned = plan(dataset, options)
    pretrained = models.load(str(network)).state_dict()
    alone = train_only(planned, dataset)[0].backbone.state_dict()
    assert {name: value.shape for name, value in alone.items()} == {
        name: value.shape for name, value in pretrained.items()
    }
    assert any(not torch.equal(alone[name], value) for name, value in pretrained.items())
    outcome = execute(planned, dataset)
    assert outcome.trained.model.backbone.state_dict().keys() == pretrained.keys()
    if outcome.record.best_epoch:
        assert outcome.record.trained_parameters < outcome.record.parameters


def test_a_contrast_learns_from_validation_items_and_from_no_others(world: Path, network: Path) -> None:
    options = FitOptions(model=str(network), strategy="contrastive", settings=StrategyOptions(epochs=2))
    dataset = split(load_data(world), options)
    planned = plan(dataset, options)
    outcome = execute(planned, dataset)
    parts = np.where(dataset.parts == Part.VALIDATION, Part.TRAIN, dataset.parts).astype(np.int8)
    again = execute(planned, replace(dataset, parts=parts))
    mine, yours = (found.trained.model.state_dict() for found in (outcome, again))
    assert all(torch.equal(mine[name], yours[name]) for name in mine)
    part = np.where(dataset.parts == Part.VALIDATION, Part.TEST, dataset.parts).astype(np.int8)
    fewer = execute(planned, replace(dataset, parts=part)).trained.model.state_dict()
    assert not all(torch.equal(mine[name], fewer[name]) for name in mine)
    assert outcome.record.trained_parameters == outcome.record.parameters
    assert outcome.record.strength == planned.strategy.strength


def test_blended_pictures_are_not_cached_features(world: Path, network: Path) -> None:
    options = FitOptions(model=str(network), strategy="linear-probe", settings=StrategyOptions(mixup=0.2, epochs=1))
    dataset = split(load_data(world), options)
    planned = plan(dataset, options)
    assert not on_features(planned)
    assert execute(planned, dataset).record.best_epoch == 1


def test_the_budget_breaks_off_a_training_and_says_so(
    world: Path, network: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def far_too_many(planned: Plan, *given: Any, **named: Any) -> Plan:
        return planned.model_copy(update={"strategy": planned.strategy.model_copy(update={"steps": 10**6})})

    monkeypatch.setattr("headstart.execution.paced", far_too_many)
    options = FitOptions(model=str(network), strategy="scratch", budget=0.2)
    dataset = split(load_data(world), options)
    record = execute(plan(dataset, options), dataset).record
    assert "Training stopped early: time." in record.notes
    seconds = dict(record.seconds)
    assert "pace" in seconds
    assert seconds.pop("total") == pytest.approx(sum(seconds.values()))
