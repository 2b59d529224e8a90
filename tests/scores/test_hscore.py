"""The regularised H-score against scikit-learn's covariance and the published value of iris."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.covariance import LedoitWolf

from headstart.core.rows import Rows
from headstart.scores.hscore import HSCORE, expected_on_noise
from headstart.scores.prepared import prepare
from tests.scores.samples import gaussian, iris, unequal


def slowly(rows: Rows) -> float:
    covariance = LedoitWolf().fit(rows.x)
    means = np.stack([rows.x[rows.y == label].mean(axis=0) for label in rows.y])
    between = (1 - covariance.shrinkage_) * np.cov(means, rowvar=False)
    return float(np.trace(np.linalg.solve(covariance.covariance_, between)))


def test_the_published_value_of_iris() -> None:
    assert HSCORE(iris(), seed=0) == pytest.approx(1.177842, abs=1e-6)


@pytest.mark.parametrize("rows", [gaussian(60, 10), gaussian(40, 90, classes=5), unequal(), unequal(width=70)])
def test_it_is_the_formula(rows: Rows) -> None:
    assert HSCORE(rows, seed=0) == pytest.approx(slowly(rows), rel=1e-9)


@pytest.mark.parametrize("count", [150, 260, 1000])
def test_even_noise_is_far_from_the_maximum_that_the_plain_score_gives_it(count: int) -> None:
    x = np.random.default_rng(0).normal(size=(count, 256))
    assert 0 <= HSCORE(Rows(x, np.arange(count) % 10), seed=0) < 0.5


@pytest.mark.parametrize(("count", "width"), [(50, 120), (60, 8)])
def test_what_shuffled_labels_give_is_known(count: int, width: int) -> None:
    rows = gaussian(count, width, classes=4)
    random = np.random.default_rng(0)
    shuffled = [HSCORE(Rows(rows.x, random.permutation(rows.y)), seed=0) for _ in range(400)]
    spread = np.std(shuffled) / 20
    assert expected_on_noise(prepare(rows)) == pytest.approx(np.mean(shuffled), abs=4 * spread)
    assert HSCORE(rows, seed=0) > expected_on_noise(prepare(rows))
