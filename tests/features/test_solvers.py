"""Both solvers: their grids, and what leaving out a fold means."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.core.errors import OptionError
from headstart.features.design import build_design
from headstart.features.logistic import fit_logistic
from headstart.features.ridge import solve, sums
from headstart.features.solvers import LogisticSolver, RidgeSolver
from headstart.features.table import ArrayFeatures
from headstart.features.targets import Truth
from tests.features.samples import classes, label_sets

X, Y = classes(90)
DESIGN, TRUTH, FOLDS = build_design(ArrayFeatures(X), np.arange(90)), Truth.of(Y, 3, "none"), np.arange(90) % 3
OTHERS = np.flatnonzero(FOLDS != 1)


def test_strengths_go_from_much_regularisation_to_little() -> None:
    logistic = list(LogisticSolver(DESIGN, TRUTH, FOLDS).strengths())
    ridge = list(RidgeSolver(DESIGN, TRUTH, FOLDS).strengths())
    assert logistic[:4] == [0.001, 0.00316, 0.01, 0.0316]
    assert logistic == sorted(logistic)
    assert ridge == sorted(ridge, reverse=True)
    assert ridge[0] == pytest.approx(1000)
    assert len(ridge) == len(logistic)


def test_both_leave_the_fold_out() -> None:
    design, truth = DESIGN.take(OTHERS), TRUTH.take(OTHERS)
    ridge = RidgeSolver(DESIGN, TRUTH, FOLDS)
    np.testing.assert_allclose(ridge.fit(3.0, without=1).weight, solve(sums(design, truth), strength=3.0).weight)
    np.testing.assert_allclose(ridge.fit(3.0).weight, solve(sums(DESIGN, TRUTH), strength=3.0).weight)
    logistic = LogisticSolver(DESIGN, TRUTH, FOLDS)
    logistic.fit(0.1, without=0)
    for without, (rows, those) in {1: (design, truth), None: (DESIGN, TRUTH)}.items():
        expected = fit_logistic(rows, those, strength=0.3).linear
        np.testing.assert_allclose(logistic.fit(0.3, without=without).weight, expected.weight, atol=1e-4)


def test_ridge_has_no_weights_for_several_labels() -> None:
    x, y = label_sets(30)
    y[:, 0] = np.arange(30) < 3
    design = build_design(ArrayFeatures(x), np.arange(30))
    with pytest.raises(OptionError, match="logistic"):
        RidgeSolver(design, Truth.of(y, 3, "balanced"), np.arange(30) % 3)


def test_the_order_in_which_folds_are_fitted_changes_nothing() -> None:
    """Folds are fitted by threads: which one ends first must not decide where the others start."""
    found = []
    for order in ((0, 1, 2), (2, 1, 0)):
        solver = LogisticSolver(DESIGN, TRUTH, FOLDS)
        for strength in (0.01, 1.0):
            fits = {fold: solver.fit(strength, without=fold).weight for fold in order}
        found.append([fits[0], fits[1], fits[2], solver.fit(1.0).weight])
    for first, second in zip(*found, strict=True):
        np.testing.assert_array_equal(first, second)
