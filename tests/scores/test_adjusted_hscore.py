"""The adjusted H-score: 0 on noise of any shape, and the H-score's order where rows are many."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.core.rows import Rows
from headstart.scores.adjusted_hscore import ADJUSTED_HSCORE
from headstart.scores.hscore import HSCORE
from tests.scores.samples import gaussian


def test_it_is_the_share_of_the_way_from_shuffled_labels_to_the_maximum() -> None:
    rows = gaussian(50, 20, classes=4)
    random = np.random.default_rng(0)
    chance = np.mean([HSCORE(Rows(rows.x, random.permutation(rows.y)), seed=0) for _ in range(300)])
    expected = (HSCORE(rows, seed=0) - chance) / (3 * 50 / 49 - chance)
    assert ADJUSTED_HSCORE(rows, seed=0) == pytest.approx(expected, abs=0.03)


@pytest.mark.parametrize("width", [16, 120, 1024])
def test_uneven_noise_is_worth_nothing_where_the_score_itself_nears_its_maximum(width: int) -> None:
    noise = [gaussian(100, width, classes=10, signal=0, seed=seed) for seed in range(6)]
    assert np.mean([ADJUSTED_HSCORE(rows, seed=0) for rows in noise]) == pytest.approx(0, abs=0.03)
    if width == 1024:
        assert np.mean([HSCORE(rows, seed=0) for rows in noise]) > 8


def test_with_many_rows_it_orders_models_as_the_score_does() -> None:
    models = [gaussian(1000, 8, signal=signal) for signal in (0.2, 0.4, 0.8)]
    plain, adjusted = ([score(rows, seed=0) for rows in models] for score in (HSCORE, ADJUSTED_HSCORE))
    assert np.argsort(plain).tolist() == np.argsort(adjusted).tolist() == [0, 1, 2]
    assert adjusted == pytest.approx(np.array(plain) / 2, abs=0.01)


def test_the_best_there_is_gets_one() -> None:
    y = np.arange(200) % 3
    x = np.hstack([1e3 * np.eye(3)[y], np.random.default_rng(0).normal(size=(200, 3))])
    assert ADJUSTED_HSCORE(Rows(x, y), seed=0) == pytest.approx(1, abs=0.05)
