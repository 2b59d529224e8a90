"""LEEP against a loop over rows and source classes."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.core.rows import Rows
from headstart.scores.leep import LEEP
from tests.scores.samples import gaussian


def slowly(rows: Rows) -> float:
    theta, total = rows.source_probabilities, 0.0
    assert theta is not None
    count = len(theta)
    joint = {
        (y, z): sum(theta[i, z] for i in range(count) if rows.y[i] == y) / count
        for y in range(rows.y.max() + 1)
        for z in range(theta.shape[1])
    }
    for i in range(count):
        likelihood = sum(
            joint[rows.y[i], z] / sum(joint[y, z] for y in range(rows.y.max() + 1)) * theta[i, z]
            for z in range(theta.shape[1])
            if theta[:, z].any()
        )
        total += np.log(likelihood) / count
    return total


def test_it_is_the_formula() -> None:
    rows = gaussian(40, 2, classes=4)
    assert LEEP(rows, seed=0) == pytest.approx(slowly(rows), abs=1e-12)


def test_source_classes_without_mass_are_left_out() -> None:
    rows = gaussian(30, 2)
    assert rows.source_probabilities is not None
    padded = np.hstack([rows.source_probabilities, np.zeros((30, 3))])
    assert LEEP(Rows(rows.x, rows.y, padded), seed=0) == pytest.approx(LEEP(rows, seed=0), abs=1e-12)


def test_a_source_that_knows_the_labels_and_one_that_knows_nothing() -> None:
    y = np.arange(5000) % 5
    x = np.random.default_rng(0).normal(size=(5000, 2))
    assert LEEP(Rows(x, y, np.eye(5)[y]), seed=0) == pytest.approx(0, abs=1e-12)
    noise = np.random.default_rng(1).dirichlet(np.ones(10), size=5000)
    assert LEEP(Rows(x, y, noise), seed=0) == pytest.approx(-np.log(5), abs=0.01)
