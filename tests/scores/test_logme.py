"""LogME against the published value, the exact Gaussian evidence, and what it must not do on wide noise."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import multivariate_normal

from headstart.core.rows import Rows
from headstart.scores.logme import LOGME
from tests.scores.samples import gaussian, iris, several_labels


def exact(x: np.ndarray, t: np.ndarray) -> float:
    """The largest log density a row of N(0, I/b + FF'/a), by a general optimiser from several starts."""
    gram = x @ x.T

    def loss(logs: np.ndarray) -> float:
        a, b = np.exp(logs)
        density = multivariate_normal(np.zeros(len(t)), np.eye(len(t)) / b + gram / a, allow_singular=False)
        return -float(density.logpdf(t)) / len(t)

    starts = [(-2.0, 2.0), (3.0, 2.0)]
    options = {"xatol": 1e-7, "fatol": 1e-12, "maxiter": 2000}
    return -min(minimize(loss, start, method="Nelder-Mead", options=options).fun for start in starts)


def with_dead_and_copied(x: np.ndarray) -> np.ndarray:
    return np.hstack([x, np.zeros((len(x), 5)), x[:, :4]])


def test_the_published_value_of_iris() -> None:
    assert LOGME(iris(), seed=0) == pytest.approx(-0.160060, abs=1e-6)


@pytest.mark.parametrize(("rows", "width"), [(40, 6), (24, 24), (15, 200)])
@pytest.mark.parametrize("damaged", [False, True])
def test_it_is_the_exact_evidence_also_where_features_outnumber_rows(rows: int, width: int, damaged: bool) -> None:
    made = gaussian(rows, width, classes=2, seed=rows)
    x = with_dead_and_copied(made.x) if damaged else made.x
    expected = np.mean([exact(x, (made.y == label).astype(float)) for label in (0, 1)])
    assert LOGME(Rows(x, made.y), seed=0) == pytest.approx(expected, abs=1e-7)


def test_dead_columns_change_nothing() -> None:
    made = gaussian(50, 80)
    dead = Rows(np.hstack([made.x, np.zeros((50, 400))]), made.y)
    assert LOGME(dead, seed=0) == pytest.approx(LOGME(made, seed=0), abs=1e-9)


@pytest.mark.parametrize("width", [16, 256, 1024])
def test_wide_noise_is_worth_no_more_than_no_features(width: int) -> None:
    made = gaussian(100, width, classes=10, signal=0, offset=0)
    null = 0.5 * np.log(100 / (2 * np.pi * 10)) - 0.5  # every column has ten ones and no weight helps
    assert LOGME(made, seed=0) == pytest.approx(null, abs=0.02)


def test_every_label_counts_the_same() -> None:
    rows = several_labels()
    each = [LOGME(Rows(rows.x, rows.y[:, [label]]), seed=0) for label in range(3)]
    assert LOGME(rows, seed=0) == pytest.approx(np.mean(each), abs=1e-12)


def test_labels_that_follow_exactly_stay_finite() -> None:
    y = np.arange(30) % 3
    value = LOGME(Rows(np.eye(3)[y], y), seed=0)
    assert np.isfinite(value)
    assert value > LOGME(gaussian(30, 3), seed=0)
