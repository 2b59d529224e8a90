"""NCE against a loop over the table of both labels."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.core.rows import Rows
from headstart.scores.nce import NCE, conditional_entropy
from tests.scores.samples import gaussian


def slowly(rows: Rows) -> float:
    assert rows.source_probabilities is not None
    source, total = rows.source_probabilities.argmax(axis=1), 0.0
    for z in set(source.tolist()):
        for y in set(rows.y.tolist()):
            both = np.mean((source == z) & (rows.y == y))
            total += both * np.log(both / np.mean(source == z)) if both else 0.0
    return float(total)


@pytest.mark.parametrize("rows", [gaussian(50, 2), gaussian(101, 2, classes=7, signal=0)])
def test_it_is_the_formula(rows: Rows) -> None:
    assert NCE(rows, seed=0) == pytest.approx(slowly(rows), abs=1e-12)


def test_its_bounds() -> None:
    y = np.arange(40) % 4
    assert NCE(Rows(np.eye(4)[y], y, np.eye(4)[y]), seed=0) == pytest.approx(0, abs=1e-12)
    assert NCE(Rows(np.eye(4)[y], y, np.ones((40, 3)) / 3), seed=0) == pytest.approx(-np.log(4))
    assert conditional_entropy(np.full((2, 4), 1 / 8)) == pytest.approx(np.log(4))
