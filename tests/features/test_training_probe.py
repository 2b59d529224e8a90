"""The probe on just the training items."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from headstart import models
from headstart.core.card import InputFacts
from headstart.core.dataset import Part
from headstart.core.options import FitOptions
from headstart.core.strategy import Contrast, Plan, Strategy
from headstart.features.extract import extract
from headstart.features.probe import ProbeSettings, probe_head
from headstart.features.training_probe import folds_of, solved_head, training_probe
from headstart.features.unit_length import unit_length_head
from headstart.features.words_probe import Wanted
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


def test_a_head_is_that_of_the_probe_or_of_features_of_length_one(tmp_path: Path) -> None:
    backbone = models.load(str(write_network(tmp_path / "network"))).eval()
    dataset = split(load_data(write_world(tmp_path / "data")), FitOptions())
    training, facts = dataset.part(Part.TRAIN), backbone.card.input or InputFacts(size=(SIDE, SIDE))
    probe = training_probe(training, backbone, input=facts, device="cpu", precision="float32", settings=ProbeSettings())
    rows = extract(training, backbone, input=facts, device="cpu", precision="float32").rows(np.arange(len(training)))
    on_unit = unit_length_head(rows, Wanted(training.targets, 3), strength=2.0)
    for contrast, expected in ((None, probe_head(probe)), (Contrast(), on_unit)):
        strategy = Strategy(method="m", contrast=contrast, strength=2.0)
        plan = Plan(task=dataset.task, model="m", strategy=strategy, input=facts)
        head = solved_head(plan, training, backbone, device="cpu", precision="float32")
        assert all(head[name].equal(value) for name, value in expected.items())


def test_folds_are_as_many_as_the_rarest_class_allows(tmp_path: Path) -> None:
    few = split(load_data(write_world(tmp_path / "few", train=3, test=0)), FitOptions(validation=0.0, test=0.0))
    assert len(np.unique(folds_of(few))) == 3
