"""The logistic probe: held-out rows only, groups whole, no choice on what is judged."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.core.rows import Rows
from headstart.scores.logistic import LOGISTIC
from tests.scores.samples import gaussian, unequal


def test_separable_classes_and_noise() -> None:
    assert LOGISTIC(gaussian(60, 5, signal=4), seed=0) > 0.95
    noise = [LOGISTIC(gaussian(60, 40, signal=0, seed=seed), seed=0) for seed in range(3)]
    assert np.mean(noise) == pytest.approx(1 / 3, abs=0.12)


def test_the_same_seed_gives_the_same_value() -> None:
    rows = gaussian(60, 5)
    assert LOGISTIC(rows, seed=1) == LOGISTIC(rows, seed=1)


def test_copies_in_one_group_do_not_help() -> None:
    noise = gaussian(40, 60, classes=4, signal=0)
    x, y, groups = (np.repeat(values, 3, axis=0) for values in (noise.x, noise.y, np.arange(40)))
    assert LOGISTIC(Rows(x, y), seed=0) > 0.8
    assert LOGISTIC(Rows(x, y, groups=groups), seed=0) < 0.5


def test_a_class_of_few_rows_is_judged_or_refused() -> None:
    assert 0 <= LOGISTIC(unequal(), seed=0) <= 1
    two = Rows(np.arange(12.0).reshape(6, 2), np.array([0, 0, 0, 0, 1, 1]))
    assert 0 <= LOGISTIC(two, seed=0) <= 1
    one = Rows(two.x, np.array([0, 0, 0, 0, 0, 1]))
    assert LOGISTIC.applies(one) == "it needs 2 rows of every class, and 1 have fewer"
    together = Rows(two.x, two.y, groups=np.array([0, 1, 2, 3, 4, 4]))
    assert LOGISTIC.applies(together) == "a class is in one group only"
