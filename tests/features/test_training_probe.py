"""The probe on just the training items."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from headstart import models
from headstart.core.card import InputFacts
from headstart.core.dataset import Part
from headstart.core.options import FitOptions
from headstart.core.strategy import Plan, Strategy
from headstart.features.probe import ProbeSettings, probe_head
from headstart.features.training_probe import folds_of, solved_head, training_probe
from headstart.loading import load_data, split
from tests.worlds import SIDE, write_network, write_world


def test_it_sees_the_training_items_only_and_repeats_itself(tmp_path: Path) -> None:
    backbone = models.load(str(write_network(tmp_path / "network"))).eval()
    dataset = split(load_data(write_world(tmp_path / "data")), FitOptions())
    training = dataset.part(Part.TRAIN)
    facts = backbone.card.input or InputFacts(size=(SIDE, SIDE))
    first, second = (
        training_probe(part, backbone, input=facts, device="cpu", precision="float32", settings=ProbeSettings())
        for part in (training, replace(dataset, targets=np.array(dataset.targets)).part(Part.TRAIN))
    )
    assert first.out_of_fold.shape == (len(training), 3)
    for name, value in probe_head(first).items():
        assert value.equal(probe_head(second)[name])


def test_a_head_is_that_of_the_probe_with_the_strength_that_is_given(tmp_path: Path) -> None:
    backbone = models.load(str(write_network(tmp_path / "network"))).eval()
    dataset = split(load_data(write_world(tmp_path / "data")), FitOptions())
    training, facts = dataset.part(Part.TRAIN), backbone.card.input or InputFacts(size=(SIDE, SIDE))
    plan = Plan(task=dataset.task, model="m", strategy=Strategy(method="linear-probe"), input=facts)
    for strength in (None, 0.01):
        settings = ProbeSettings(strength=strength)
        probe = training_probe(training, backbone, input=facts, device="cpu", precision="float32", settings=settings)
        head = solved_head(plan, training, backbone, device="cpu", precision="float32", strength=strength)
        for name, value in probe_head(probe).items():
            assert head[f"linear.{name}"].equal(value)


def test_folds_are_as_many_as_the_rarest_class_allows(tmp_path: Path) -> None:
    few = split(load_data(write_world(tmp_path / "few", train=3, test=0)), FitOptions(validation=0.0, test=0.0))
    assert len(np.unique(folds_of(few))) == 3
