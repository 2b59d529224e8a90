"""The ridge probe against explicit refits by scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import Ridge as Refit
from sklearn.metrics import roc_auc_score

from headstart.core.rows import Rows
from headstart.scores.prepared import prepare
from headstart.scores.ridge import RIDGE, held_out_predictions
from tests.scores.samples import gaussian, several_labels, unequal


def refit(x: np.ndarray, t: np.ndarray, penalty: float, new: np.ndarray) -> np.ndarray:
    """What ridge regression with a free bias, fitted on these rows, says of new ones."""
    centred = x - x.mean(axis=0)
    weights = np.linalg.solve(centred.T @ centred + penalty * np.eye(x.shape[1]), centred.T @ (t - t.mean(axis=0)))
    return (new - x.mean(axis=0)) @ weights + t.mean(axis=0)


def test_the_refits_are_those_of_scikit_learn() -> None:
    rows = gaussian(20, 4)
    fitted = Refit(alpha=0.3).fit(rows.x[5:], np.eye(3)[rows.y[5:]])
    assert refit(rows.x[5:], np.eye(3)[rows.y[5:]], 0.3, rows.x[:5]) == pytest.approx(fitted.predict(rows.x[:5]))


def slowly(rows: Rows) -> np.ndarray:
    """Refits without each group, the penalty with the least squared error, the frequencies of all rows put back."""
    targets = rows.y if rows.y.ndim == 2 else np.eye(rows.y.max() + 1)[rows.y]
    groups = np.arange(len(rows.x)) if rows.groups is None else rows.groups
    spread = np.square(rows.x - rows.x.mean(axis=0)).sum() / len(rows.x)
    most = np.log10(10 * len(rows.x))
    best, kept = np.inf, np.empty(0)
    for penalty in 10 ** np.arange(-5, most + 0.01, 0.5) * spread:
        predicted, lost = np.empty(targets.shape), np.empty(targets.shape)
        for group in np.unique(groups):
            out, rest = groups == group, groups != group
            predicted[out] = refit(rows.x[rest], targets[rest], penalty, rows.x[out])
            lost[out] = targets.mean(axis=0) - targets[rest].mean(axis=0)
        loss = np.square(predicted - targets).sum()
        if loss < best:
            best, kept = loss, predicted + lost
    return kept


def grouped(rows: Rows, size: int) -> Rows:
    return Rows(rows.x, rows.y, groups=np.arange(len(rows.x)) // size)


@pytest.mark.parametrize(
    "rows", [gaussian(14, 40), unequal(width=5), grouped(gaussian(48, 6), 6), grouped(gaussian(24, 40), 3)]
)
def test_closed_form_equals_refits(rows: Rows) -> None:
    assert held_out_predictions(prepare(rows)) == pytest.approx(slowly(rows), abs=1e-6)
    assert RIDGE(rows, seed=0) == pytest.approx(np.mean(slowly(rows).argmax(axis=1) == rows.y))


def test_several_labels() -> None:
    rows = several_labels(30, 6)
    assert RIDGE(rows, seed=0) == pytest.approx(roc_auc_score(rows.y, slowly(rows), average="macro"), abs=1e-9)


@pytest.mark.parametrize(("count", "width"), [(100, 30), (100, 1024)])
def test_noise_is_as_good_as_guessing_and_not_worse(count: int, width: int) -> None:
    values = [RIDGE(gaussian(count, width, classes=5, signal=0, seed=seed), seed=0) for seed in range(12)]
    assert np.mean(values) == pytest.approx(0.2, abs=0.05)


def test_many_classes_are_solved_in_parts() -> None:
    rows = gaussian(400, 20, classes=200, signal=3)
    some = Rows(rows.x, rows.y)
    assert held_out_predictions(prepare(some)).shape == (400, 200)
    assert RIDGE(some, seed=0) > 0.05
