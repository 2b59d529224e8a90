"""The demonstration: its data, and the gain that it states."""

from __future__ import annotations

import math
from pathlib import Path
from typing import cast

import pytest

from headstart.demonstration import Demonstration, demonstrate, write_digits
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


def test_every_arm_is_measured_on_the_same_digits(tmp_path: Path) -> None:
    shown = demonstrate(tmp_path / "demo", seeds=1, per_class=3)
    assert set(shown.accuracies) == {"transfer", "linear probe", "from scratch"}
    assert shown.run.record.plan.strategy.method == "full"
    assert shown.run.record.items == {"train": 30, "validation": 0, "test": 1000}
    assert min(value for values in shown.accuracies.values() for value in values) > 0.15
