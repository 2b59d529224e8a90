"""An arm is planned and carried out as any fit is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from headstart.comparing import ARMS
from headstart.comparing.arm import Bout, Entry, learnt_from, planned_for
from headstart.comparing.running import entries_of
from headstart.core.dataset import Dataset, Part
from headstart.core.options import FitOptions
from headstart.core.verdict import VerdictOptions
from headstart.loading import load_data, split
from headstart.tasks import TASKS
from headstart.tasks.building import build
from tests.worlds import write_network, write_world


@pytest.fixture
def world(tmp_path: Path) -> Dataset:
    write_network(tmp_path / "network", seed=7)
    return split(load_data(write_world(tmp_path / "data", train=10, test=4)), FitOptions())


def entries(tmp_path: Path, strategy: str = "full") -> dict[str, Entry]:
    asked = VerdictOptions(model=str(tmp_path / "network"), strategy=strategy)
    return {entry.name: entry for entry in entries_of(asked)}


def test_validation_items_go_to_those_that_make_no_use_of_them(world: Dataset) -> None:
    learnt = learnt_from(world)
    assert len(learnt.indices(Part.TRAIN)) == 30
    assert not len(learnt.indices(Part.VALIDATION))
    assert np.array_equal(learnt.indices(Part.TEST), world.indices(Part.TEST))


def test_only_the_weights_set_random_weights_apart(world: Dataset, tmp_path: Path) -> None:
    arms, bout = entries(tmp_path), Bout(world, seed=3, budget=60.0, pace=0.001)
    ours, theirs = (planned_for(arms[name], world, bout) for name in ("transfer", "random-weights"))
    assert (ours.pretrained, theirs.pretrained) == (True, False)
    assert ours.model_copy(update={"pretrained": False}) == theirs
    task = TASKS["image-classification"](multi_label=False)
    weights = [next(build(each, task, 3).backbone.parameters()) for each in (ours, theirs)]
    assert not np.allclose(weights[0].detach(), weights[1].detach())
    again = planned_for(arms["random-weights"], world, replace(bout, seed=4))
    other = next(build(again, task, 3).backbone.parameters())
    assert not np.allclose(weights[1].detach(), other.detach())


def test_steps_follow_from_the_pace_and_no_clock_breaks_them_off(world: Dataset, tmp_path: Path) -> None:
    scratch = entries(tmp_path)["scratch"]
    known = learnt_from(world)
    slow = planned_for(scratch, known, Bout(known, seed=0, budget=10.0, pace=0.05))
    fast = planned_for(scratch, known, Bout(known, seed=0, budget=10.0, pace=0.005))
    assert slow.budget is fast.budget is None
    assert slow.strategy.steps is not None
    assert fast.strategy.steps is not None
    assert 5 * slow.strategy.steps < fast.strategy.steps
    unknown = planned_for(scratch, known, Bout(known, seed=0, budget=10.0))
    assert (unknown.budget, unknown.strategy.steps) == (10.0, None)


def test_what_transfer_found_out_about_mirror_images_holds_for_all(world: Dataset, tmp_path: Path) -> None:
    scratch = entries(tmp_path)["scratch"]
    flips = [
        planned_for(scratch, world, Bout(world, seed=0, budget=10.0, mirrored=mirrored)).strategy.flips
        for mirrored in (None, True, False)
    ]
    assert flips == [True, True, False]


@pytest.mark.parametrize("name", ["transfer", "scratch", "random-weights", "linear-probe"])
def test_every_arm_answers_for_every_held_out_item(world: Dataset, tmp_path: Path, name: str) -> None:
    entry = entries(tmp_path, strategy="lp-ft")[name]
    answer = ARMS[entry.arm].answer(entry, Bout(world, seed=0, budget=1.5, pace=0.005))
    assert answer.probabilities.shape == (12, 3)
    assert answer.facts.pretrained == (name in ("transfer", "linear-probe"))
    assert (answer.facts.steps is None) == (name == "linear-probe")
    if name != "linear-probe":
        assert answer.facts.steps is not None
        assert answer.facts.own_steps is not None
        assert 1 <= answer.facts.steps <= 4 * answer.facts.own_steps


def test_auto_keeps_one_network(world: Dataset, tmp_path: Path) -> None:
    entry = entries(tmp_path, strategy="auto")["transfer"]
    answer = ARMS[entry.arm].answer(entry, Bout(world, seed=0, budget=3.0))
    assert answer.facts.mirrored is not None
    assert answer.probabilities.shape == (12, 3)
    scratch = entries(tmp_path)["scratch"]
    alone = ARMS[scratch.arm].answer(scratch, Bout(world, seed=0, budget=1.0, pace=0.005))
    assert answer.facts.parameters < 1.5 * alone.facts.parameters
