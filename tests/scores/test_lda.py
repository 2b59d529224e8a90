"""Linear discriminant analysis against explicit refits without each row."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.covariance import LedoitWolf
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from headstart.core.rows import Rows
from headstart.scores.lda import LDA
from tests.scores.samples import gaussian, unequal


def slowly(rows: Rows) -> float:
    count, width = rows.x.shape
    labels = np.unique(rows.y)
    within = rows.x - np.stack([rows.x[rows.y == label].mean(axis=0) for label in rows.y])
    amount = LedoitWolf(assume_centered=True).fit(within).shrinkage_
    ridge = amount * np.square(within).sum() / count / width / (1 - amount) * count
    distances = np.empty((count, len(labels)))
    sizes = np.empty((count, len(labels)))
    own = []
    for i in range(count):
        rest = np.arange(count) != i
        x, y = rows.x[rest], rows.y[rest]
        means = np.stack([x[y == label].mean(axis=0) for label in labels])
        scatter = (x - means[y]).T @ (x - means[y]) + ridge * np.eye(width)
        apart = rows.x[i] - means
        distances[i] = (apart * np.linalg.solve(scatter, apart.T).T).sum(axis=1)
        sizes[i] = [np.sum(y == label) for label in labels]
        own.append(distances[i, rows.y[i]] * sizes[i, rows.y[i]] / (sizes[i, rows.y[i]] + 1))
    distances -= np.mean(own) / sizes
    powers = np.log(np.bincount(rows.y) / count) - distances * (count - 1) / (2 * (1 - amount))
    powers = np.exp(powers - powers.max(axis=1, keepdims=True))
    return float((powers[np.arange(count), rows.y] / powers.sum(axis=1)).mean())


@pytest.mark.parametrize("rows", [gaussian(45, 5), gaussian(30, 60, signal=0.3), unequal(), unequal(width=50)])
def test_closed_form_equals_refits(rows: Rows) -> None:
    assert LDA(rows, seed=0) == pytest.approx(slowly(rows), abs=1e-8)


def test_with_many_rows_it_is_what_scikit_learn_gives_its_own_rows() -> None:
    rows = gaussian(1500, 4)
    fitted = LinearDiscriminantAnalysis(solver="lsqr").fit(rows.x, rows.y)
    expected = fitted.predict_proba(rows.x)[np.arange(1500), rows.y].mean()
    assert LDA(rows, seed=0) == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize(("count", "width"), [(300, 64), (100, 1024)])
def test_noise_is_as_good_as_guessing(count: int, width: int) -> None:
    values = [LDA(gaussian(count, width, classes=10, signal=0, seed=seed), seed=0) for seed in range(8)]
    assert np.mean(values) == pytest.approx(0.1, abs=0.03)


def test_rows_in_groups_are_refused() -> None:
    rows = gaussian(20, 3)
    reason = LDA.applies(Rows(rows.x, rows.y, groups=np.arange(20) // 2))
    assert reason == "it leaves single rows out, and these rows come in groups"
    assert LDA.applies(Rows(rows.x, rows.y, groups=np.arange(20))) is None
