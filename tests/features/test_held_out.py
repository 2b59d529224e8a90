"""Heads whose strength is chosen on rows that trained neither them nor their features."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from headstart.core.strategy import Goal
from headstart.features import held_out as held_out_module
from headstart.features.held_out import Grid, best_strength, held_out_grid
from headstart.features.probe import ProbeSettings
from headstart.features.table import ArrayFeatures
from headstart.metrics.goal import score
from tests.features.samples import classes, label_sets

TRAIN, TEST = np.arange(0, 160), np.arange(160, 240)


def grid_of(
    x: np.ndarray, y: np.ndarray, *, labels: int, train: np.ndarray = TRAIN, strength: float | None = None
) -> Grid:
    found = ProbeSettings(strength=strength)
    return held_out_grid(ArrayFeatures(x), y, train=train, test=TEST, settings=found, labels=labels)


@pytest.mark.parametrize("labels", [2, 3])
def test_it_is_scikit_learns_logistic_regression(labels: int) -> None:
    x, y = classes(240, labels=labels)
    grid = grid_of(x, y, labels=labels)
    assert len(grid) >= 5
    for strength in sorted(grid)[1:5]:
        theirs = make_pipeline(StandardScaler(), LogisticRegression(C=strength, tol=1e-10, max_iter=10000))
        theirs.fit(x[TRAIN].astype(np.float64), y[TRAIN])
        wanted = theirs.predict_proba(x[TEST].astype(np.float64))
        np.testing.assert_allclose(grid[strength], wanted, atol=1e-3)
        assert grid[strength].dtype == np.float32


def test_of_several_labels_each_is_a_regression_of_its_own() -> None:
    x, y = label_sets(240)
    grid = grid_of(x, y, labels=3, strength=0.1)
    assert list(grid) == [0.1]
    theirs = make_pipeline(StandardScaler(), OneVsRestClassifier(LogisticRegression(C=0.1, tol=1e-10, max_iter=10000)))
    theirs.fit(x[TRAIN].astype(np.float64), y[TRAIN])
    np.testing.assert_allclose(grid[0.1], theirs.predict_proba(x[TEST].astype(np.float64)), atol=1e-3)


def test_the_targets_of_held_out_rows_are_not_looked_at() -> None:
    x, y = classes(240)
    changed = y.copy()
    changed[TEST] = (changed[TEST] + 1) % 3
    first, second = grid_of(x, y, labels=3), grid_of(x, changed, labels=3)
    assert all(np.array_equal(first[strength], second[strength]) for strength in first)


def test_a_class_that_does_not_occur_in_training_has_a_column() -> None:
    x, y = classes(240)
    grid = grid_of(x, y, labels=3, train=TRAIN[y[TRAIN] != 2], strength=1.0)
    assert grid[1.0].shape == (len(TEST), 3)
    assert grid[1.0][:, 2].max() < 0.1


def test_threads_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = classes(240)
    several = grid_of(x, y, labels=3)
    monkeypatch.setattr(held_out_module, "cores", lambda: 1)
    alone = grid_of(x, y, labels=3)
    assert all(np.array_equal(several[strength], alone[strength]) for strength in several)


def answers(right: float, rows: int = 10) -> np.ndarray:
    """Probabilities (rows, 2) that give the second class, which is the true one, so much."""
    return np.tile(np.float32([1 - right, right]), (rows, 1))


def test_the_strength_is_the_best_on_all_held_out_rows_together() -> None:
    truth = [np.ones(10, np.int64), np.ones(30, np.int64)]
    # 0.1 is best on the first rows and wrong on the others, which are more
    grids = [
        {0.1: answers(0.95), 1.0: answers(0.8), 10.0: answers(0.6)},
        {0.1: answers(0.2, 30), 1.0: answers(0.8, 30), 10.0: answers(0.9, 30)},
    ]
    strength, known = best_strength(grids, truth, goal=Goal())
    assert strength == 10.0
    np.testing.assert_array_equal(known, np.concatenate([grids[0][10.0], grids[1][10.0]]))


def test_only_strengths_that_every_part_has_tried_are_chosen_from() -> None:
    truth = [np.ones(10, np.int64)] * 2
    grids = [{0.1: answers(0.99), 1.0: answers(0.7)}, {1.0: answers(0.7), 10.0: answers(0.99)}]
    assert best_strength(grids, truth, goal=Goal())[0] == 1.0


def test_the_choice_is_worth_it() -> None:
    """On noise beside few useful features, the chosen strength predicts better than hardly any regularisation."""
    x, y = classes(240)
    x = np.concatenate([x, np.random.default_rng(1).standard_normal((240, 150)).astype(np.float32)], axis=1)
    grid = grid_of(x, y, labels=3)
    _, known = best_strength([grid], [y[TEST]], goal=Goal())
    loss = Goal(metric="log_loss")
    assert score(loss, known, y[TEST]) > score(loss, grid[max(grid)], y[TEST]) + 0.1


@settings(max_examples=15)
@given(st.integers(8, 400))
@example(33)
@example(105)
@example(333)
def test_folds_of_nearly_the_same_size_share_almost_all_strengths(rows: int) -> None:
    """Folds differ by an item, and the ends of the grid follow the number of rows."""
    x, y = np.random.default_rng(0).standard_normal((rows + 3, 1)).astype(np.float32), np.arange(rows + 3) % 2
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(held_out_module.LogisticSolver, "fit", lambda self, strength: zero)
        zero = held_out_module.Linear(np.zeros((1, 1)), np.zeros(1))
        first, second = (
            held_out_grid(
                ArrayFeatures(x),
                y,
                train=np.arange(size),
                test=np.arange(size, size + 2),
                settings=ProbeSettings(),
                labels=2,
            )
            for size in (rows, rows + 1)
        )
    assert len(set(first) & set(second)) >= max(len(first), len(second)) - 1
    assert len(first) in (7, 8)
    assert {float(f"1e{round(np.log10(strength))}") for strength in first} == set(first)
