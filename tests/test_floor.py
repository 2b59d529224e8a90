"""No trained model that is kept is worse on validation data than the pretrained network's own probe."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from headstart import models
from headstart.core.dataset import Part
from headstart.core.options import FitOptions, StrategyOptions
from headstart.execution import Outcome, execute
from headstart.features.probe import Probe, ProbeSettings, probe_head
from headstart.features.training_probe import training_probe
from headstart.floor import trains_pretrained_body
from headstart.loading import load_data, split
from headstart.methods import METHODS, linear_probe
from headstart.planning import plan
from headstart.prediction import probabilities
from tests.worlds import write_network, write_world


def outcome_of(tmp_path: Path, *, strategy: str = "full", **settings: object) -> Outcome:
    network = write_network(tmp_path / "network", seed=7)
    data = write_world(tmp_path / "data", train=12, test=4)
    options = FitOptions(model=str(network), strategy=strategy, settings=StrategyOptions(**settings))  # type: ignore[arg-type]
    dataset = split(load_data(data), options)
    return execute(plan(dataset, options), dataset)


@pytest.mark.parametrize("strategy", ["full", "lora"])
def test_a_training_that_ends_below_the_probe_gives_way_to_it(tmp_path: Path, strategy: str) -> None:
    """At a rate of 1e-12 the fresh head of `full` stays as bad as chance; lora is ruined by a rate of 10."""
    rate = 1e-12 if strategy == "full" else 10.0
    settings = {"epochs": 1, "learning_rate": rate, "backbone_learning_rate": rate}
    outcome = outcome_of(tmp_path, strategy=strategy, **settings)
    record = outcome.record
    assert record.best_epoch == 0
    assert any("linear probe of the pretrained network is kept" in note for note in record.notes)
    before = models.load(str(tmp_path / "network")).state_dict()
    after = outcome.trained.model.backbone.state_dict()
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)
    head = sum(value.numel() for value in outcome.trained.model.head.parameters())
    assert record.trained_parameters == head
    options = FitOptions(model=str(tmp_path / "network"), strategy=strategy)
    validation = split(load_data(tmp_path / "data"), options).part(Part.VALIDATION)
    answers = probabilities(outcome.trained, validation, device="cpu")
    assert record.validation is not None
    accuracy = (answers.argmax(1) == validation.targets).mean()
    assert record.validation.metrics["accuracy"] == pytest.approx(accuracy)
    assert f"{accuracy:.4f}" in record.notes[-1]


def test_a_training_that_is_better_than_the_probe_is_kept(tmp_path: Path) -> None:
    """Log loss, which a start from the probe's own head improves on: a tenth of a step is enough."""
    network = write_network(tmp_path / "network", seed=7)
    data = write_world(tmp_path / "data", train=16, test=4)
    settings = StrategyOptions(epochs=15, learning_rate=3e-3, augmentation="none")
    options = FitOptions(model=str(network), strategy="lp-ft", metric="log_loss", settings=settings)
    dataset = split(load_data(data), options)
    outcome = execute(plan(dataset, options), dataset)
    record = outcome.record
    assert record.best_epoch is not None
    assert record.best_epoch > 0
    assert not any("probe" in note for note in record.notes)
    assert record.trained_parameters == record.parameters


@pytest.mark.parametrize("name", METHODS.names())
def test_every_method_that_trains_a_pretrained_body_has_a_floor(tmp_path: Path, name: str) -> None:
    network = write_network(tmp_path / "network")
    options = FitOptions(model=str(network), strategy=name)
    dataset = split(load_data(write_world(tmp_path / "data", train=4, test=2)), options)
    planned = plan(dataset, options)
    assert trains_pretrained_body(planned) == (name not in ("linear-probe", "scratch", "contrastive"))
    fresh = planned.model_copy(update={"pretrained": False})  # the same method, on fresh weights
    assert trains_pretrained_body(fresh) == trains_pretrained_body(planned)


def test_the_floor_of_mirrored_pictures_is_the_probe_of_mirrored_pictures(tmp_path: Path) -> None:
    """Its head is that of a probe fitted on what it will be given: the mean over a picture and its mirror image."""
    network, data = write_network(tmp_path / "network", seed=7), write_world(tmp_path / "data")
    settings = StrategyOptions(epochs=1, learning_rate=1e-12, backbone_learning_rate=1e-12)
    options = FitOptions(model=str(network), strategy="full", mirrored=True, settings=settings)
    dataset = split(load_data(data), options)
    outcome = execute(plan(dataset, options), dataset)
    assert outcome.record.best_epoch == 0
    backbone, facts = models.load(str(network)).eval(), outcome.record.plan.input
    heads = [
        probe_head(
            training_probe(
                dataset.part(Part.TRAIN),
                backbone,
                input=facts,
                device="cpu",
                precision="float32",
                settings=ProbeSettings(),
                mirrored=mirrored,
            )
        )["weight"]
        for mirrored in (True, False)
    ]
    assert torch.equal(outcome.trained.model.head.linear.weight, heads[0])
    assert not torch.equal(*heads)


@pytest.mark.parametrize(("limit", "solver"), [(10**9, "logistic"), (1, "ridge")])
def test_the_probe_is_solved_as_the_linear_probe_would_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int, solver: str
) -> None:
    monkeypatch.setattr(linear_probe, "LOGISTIC_LIMIT", limit)
    solved: list[str] = []

    def noted(*given: object, settings: ProbeSettings, **options: object) -> Probe:
        solved.append(settings.solver)
        return training_probe(*given, settings=settings, **options)  # type: ignore[arg-type]

    monkeypatch.setattr("headstart.features.training_probe.training_probe", noted)
    outcome_of(tmp_path, strategy="lp-ft", epochs=1)
    assert solved == [solver]
