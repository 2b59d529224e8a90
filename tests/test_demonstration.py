"""The demonstration: its data, and the gain that it states."""

from __future__ import annotations

import math
from pathlib import Path
from typing import cast

import pytest

from headstart.core.card import ModelCard
from headstart.demonstration import SETTINGS, Demonstration, write_digits
from headstart.methods.method import Situation
from headstart.methods.scratch import Scratch
from headstart.pipeline import Run


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*.png")}


def test_digits_are_split_so_that_no_draw_trains_on_a_test_digit(tmp_path: Path) -> None:
    first, second = (write_digits(tmp_path / str(seed), per_class=5, seed=seed) for seed in (0, 1))
    assert names(first / "test") == names(second / "test")
    assert len(names(first / "test")) == 1000
    assert not names(first / "train") & names(second / "test")
    assert names(first / "train") != names(second / "train")
    assert {len(list(folder.iterdir())) for folder in (first / "train").iterdir()} == {5}


def test_the_interval_is_a_paired_t_over_seeds() -> None:
    accuracies = {"transfer": (0.9, 0.8, 0.85), "from scratch": (0.7, 0.65, 0.6)}
    gain, half = Demonstration(accuracies, {}, cast(Run, None), 5).gain()
    assert gain == pytest.approx(20)
    assert half == pytest.approx(4.303 * 5 / math.sqrt(3), rel=1e-3)


def test_training_from_scratch_is_given_more_steps_than_fine_tuning() -> None:
    # Both are trained on batches of one size, so epochs compare as steps do; scratch keeps its method's own number.
    fine_tuned = SETTINGS["full"].epochs
    situation = Situation(card=ModelCard(id="starter/tiny-resnet", source="starter"), items=50, classes=10)
    assert fine_tuned is not None
    assert SETTINGS["scratch"].epochs is None
    assert Scratch().strategy(situation).epochs > fine_tuned
