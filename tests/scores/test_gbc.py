"""GBC against a loop over pairs of classes."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.decomposition import PCA

from headstart.core.rows import Rows
from headstart.scores.gbc import GBC
from tests.scores.samples import gaussian, unequal


def slowly(rows: Rows) -> float:
    place = PCA(min(64, rows.x.shape[1], len(rows.x) - 1), svd_solver="full").fit_transform(rows.x)
    least = 1e-4 * place.var(axis=0, ddof=1).mean()
    labels, total = np.unique(rows.y), 0.0
    for one in labels:
        for other in labels:
            if one == other:
                continue
            a, b = place[rows.y == one], place[rows.y == other]
            va, vb = np.maximum(a.var(axis=0), least), np.maximum(b.var(axis=0), least)
            both = (va + vb) / 2
            distance = ((a.mean(axis=0) - b.mean(axis=0)) ** 2 / both).sum() / 8
            distance += 0.5 * np.log(both.prod() / np.sqrt(va.prod() * vb.prod()))
            total -= np.exp(-distance)
    return float(total)


@pytest.mark.parametrize("rows", [gaussian(60, 6), gaussian(40, 90, signal=0.3), unequal()])
def test_it_is_the_formula(rows: Rows) -> None:
    assert GBC(rows, seed=0) == pytest.approx(slowly(rows), rel=1e-7)


def test_its_bounds() -> None:
    far = gaussian(60, 6, signal=100)
    assert GBC(far, seed=0) == pytest.approx(0, abs=1e-9)
    same = Rows(np.repeat(np.random.default_rng(0).normal(size=(30, 4)), 4, axis=0), np.arange(120) % 4)
    assert GBC(same, seed=0) == pytest.approx(-4 * 3, abs=1e-9)
