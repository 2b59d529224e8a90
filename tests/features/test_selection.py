"""Choosing a strength by held-out rows."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.core.strategy import Goal
from headstart.features import selection as selection_module
from headstart.features.design import build_design
from headstart.features.linear import Linear, probabilities
from headstart.features.logistic import fit_logistic
from headstart.features.selection import GridScore, Trial, choose, pick
from headstart.features.solvers import LogisticSolver, RidgeSolver
from headstart.features.table import ArrayFeatures
from headstart.features.targets import Truth
from headstart.metrics.goal import score
from tests.features.samples import classes

X, Y = classes(150, width=12)
DESIGN, TRUTH, FOLDS = build_design(ArrayFeatures(X), np.arange(150)), Truth.of(Y, 3, "none"), np.arange(150) % 5


class Counted(LogisticSolver):
    """Remembers what was fitted."""

    def __init__(self) -> None:
        super().__init__(DESIGN, TRUTH, FOLDS)
        self.fitted: list[tuple[float, int | None]] = []

    def fit(self, strength: float, *, without: int | None = None) -> Linear:
        self.fitted.append((strength, without))
        return super().fit(strength, without=without)


def trial(goal: Goal, solver: LogisticSolver | RidgeSolver | None = None) -> Trial:
    return Trial(DESIGN, TRUTH, FOLDS, solver or Counted(), goal)


def out_of_fold(strength: float) -> np.ndarray:
    known = np.empty((150, 3))
    for fold in range(5):
        others, held_out = np.flatnonzero(fold != FOLDS), np.flatnonzero(fold == FOLDS)
        linear = fit_logistic(DESIGN.take(others), TRUTH.take(others), strength=strength).linear
        known[held_out] = probabilities(DESIGN.take(held_out).scores(linear), "softmax")
    return known


@pytest.mark.parametrize("metric", ["accuracy", "log_loss", "macro_f1", "auroc"])
def test_the_choice_equals_a_plain_cross_validation(metric: str) -> None:
    goal = Goal(metric=metric)  # type: ignore[arg-type]
    choice = choose(trial(goal), strength=None)
    assert len(choice.grid) > 4
    assert choice.strength == pick(choice.grid, rows=150).strength
    np.testing.assert_allclose(choice.out_of_fold, out_of_fold(choice.strength), atol=2e-3)
    chosen = next(one for one in choice.grid if one.strength == choice.strength)
    assert score(goal, choice.out_of_fold, Y) == pytest.approx(chosen.score, abs=0.01)


@pytest.mark.parametrize(
    ("rows", "chosen"),
    [(100, 2.0), (2_000, 2.0), (20_000, 3.0)],
)
def test_among_equally_good_scores_the_log_loss_decides(rows: int, chosen: float) -> None:
    # with an accuracy of 0.9, half a standard error is 0.015, 0.0034 and 0.0011
    grid = [GridScore(1.0, 0.8, 0.3), GridScore(2.0, 0.897, 0.4), GridScore(3.0, 0.9, 0.5), GridScore(4.0, 0.9, 0.6)]
    assert pick(grid, rows=rows).strength == chosen


def test_a_log_loss_is_compared_as_it_is() -> None:
    grid = [GridScore(1.0, -0.4, 0.4), GridScore(2.0, -0.39, 0.39), GridScore(3.0, -1.2, 1.2)]
    assert pick(grid, rows=10).strength == 2.0


def test_the_search_stops_once_less_regularisation_only_hurts() -> None:
    solver = Counted()
    choice = choose(trial(Goal(metric="log_loss"), solver), strength=None)
    strengths = list(solver.strengths())
    place = strengths.index(choice.strength)
    assert len(choice.grid) == min(place + 3, len(strengths)) < len(strengths)


def test_a_given_strength_is_not_searched_for() -> None:
    solver = Counted()
    choice = choose(trial(Goal(), solver), strength=0.05)
    assert [one.strength for one in choice.grid] == [0.05]
    assert sorted(solver.fitted, key=str) == [(0.05, fold) for fold in range(5)]
    np.testing.assert_allclose(choice.out_of_fold, out_of_fold(0.05), atol=2e-3)


@pytest.mark.parametrize("limit", ["MOST_ROWS_OF_ALL_FOLDS", "MOST_SCORES_OF_ALL_FOLDS"])
def test_many_rows_are_searched_on_one_fold_and_known_out_of_fold_all_the_same(
    monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(selection_module, limit, 149)
    solver = Counted()
    choice = choose(trial(Goal(metric="log_loss"), solver), strength=None)
    others = {pair for pair in solver.fitted if pair[1] != 0}
    assert others == {(choice.strength, fold) for fold in range(1, 5)}
    np.testing.assert_allclose(choice.out_of_fold, out_of_fold(choice.strength), atol=2e-3)


def test_the_scores_of_ridge_become_probabilities() -> None:
    choice = choose(trial(Goal(metric="log_loss"), RidgeSolver(DESIGN, TRUTH, FOLDS)), strength=None)
    logistic = choose(trial(Goal(metric="log_loss")), strength=None)
    losses = [-score(Goal(metric="log_loss"), one.out_of_fold, Y) for one in (choice, logistic)]
    assert losses[0] < losses[1] + 0.1
    assert (choice.factor > 1).all()
