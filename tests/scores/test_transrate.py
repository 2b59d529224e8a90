"""TransRate against plain determinants."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.core.rows import Rows
from headstart.scores.transrate import TRANSRATE
from tests.scores.samples import gaussian, unequal


def rate(x: np.ndarray) -> float:
    return 0.5 * float(np.linalg.slogdet(np.eye(x.shape[1]) + x.T @ x / (len(x) * 1e-4))[1])


def slowly(rows: Rows) -> float:
    x = rows.x - rows.x.mean(axis=0)
    x = x / np.sqrt(np.square(x).sum(axis=1).mean())
    return rate(x) - sum(np.mean(rows.y == label) * rate(x[rows.y == label]) for label in np.unique(rows.y))


@pytest.mark.parametrize("rows", [gaussian(60, 10), gaussian(30, 50), unequal(), unequal(width=60)])
def test_it_is_the_formula_with_either_determinant(rows: Rows) -> None:
    assert TRANSRATE(rows, seed=0) == pytest.approx(slowly(rows), rel=1e-9)


def test_classes_weigh_as_much_as_they_have_rows() -> None:
    """Half of the rows twice over, in every class: nothing changes but the number of rows."""
    rows = unequal()
    twice = Rows(np.vstack([rows.x, rows.x]), np.concatenate([rows.y, rows.y]))
    assert TRANSRATE(twice, seed=0) == pytest.approx(TRANSRATE(rows, seed=0), rel=1e-9)


def test_it_is_not_negative() -> None:
    assert TRANSRATE(gaussian(200, 5, signal=0), seed=0) >= 0
