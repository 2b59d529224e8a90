"""Nearest neighbours against the published values of iris and a loop."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from headstart.core.rows import Rows
from headstart.scores.knn import KNN, Knn
from tests.scores.samples import gaussian, iris, several_labels


def slowly(rows: Rows, k: int) -> float:
    unit = rows.x / np.linalg.norm(rows.x, axis=1, keepdims=True)
    right = 0
    for i in range(len(unit)):
        others = [j for j in range(len(unit)) if j != i and (rows.groups is None or rows.groups[j] != rows.groups[i])]
        near = sorted(others, key=lambda j: -float(unit[i] @ unit[j]))[:k]
        votes = [int(rows.y[j]) for j in near]
        best = max(votes.count(label) for label in votes)
        right += next(label for label in votes if votes.count(label) == best) == rows.y[i]
    return right / len(unit)


@pytest.mark.parametrize(("k", "published"), [(1, 0.96), (3, 0.96), (5, 0.966667), (13, 0.966667)])
def test_the_published_values_of_iris_are_those_of_euclidean_distance(k: int, published: float) -> None:
    assert Knn(k, distance="euclidean")(iris(), seed=0) == pytest.approx(published, abs=1e-6)


def test_cosine_of_the_raw_features_gives_others() -> None:
    assert Knn(3)(iris(), seed=0) == pytest.approx(0.98, abs=1e-6)


@pytest.mark.parametrize("k", [1, 2, 4, 5])
def test_it_is_a_loop_over_the_rows(k: int) -> None:
    rows = gaussian(50, 6, classes=4)
    assert Knn(k)(rows, seed=0) == pytest.approx(slowly(rows, k))


def test_a_whole_group_is_left_out() -> None:
    rows = gaussian(60, 6, classes=4)
    grouped = Rows(rows.x, rows.y, groups=np.arange(60) // 5)
    assert KNN(grouped, seed=0) == pytest.approx(slowly(grouped, 5))


def test_copies_of_a_row_help_only_where_they_are_not_known_to_be_copies() -> None:
    noise = gaussian(60, 20, classes=6, signal=0)
    x, y, groups = (np.repeat(values, 3, axis=0) for values in (noise.x, noise.y, np.arange(60)))
    assert Knn(1)(Rows(x, y), seed=0) == 1
    assert Knn(1)(Rows(x, y, groups=groups), seed=0) < 0.35


def test_fewer_rows_than_neighbours_vote_with_what_there_is() -> None:
    rows = Rows(np.array([[1.0, 0], [1, 0.1], [0, 1], [0.1, 1]]), np.array([0, 0, 1, 1]))
    assert Knn(1)(rows, seed=0) == 1
    assert Knn(50)(rows, seed=0) == 0  # a row of its own class against two of the other


def test_several_labels_are_ranked_by_the_share_of_neighbours() -> None:
    rows = several_labels()
    unit = rows.x / np.linalg.norm(rows.x, axis=1, keepdims=True)
    nearness = unit @ unit.T
    np.fill_diagonal(nearness, -np.inf)
    shares = np.stack([rows.y[np.argsort(-line)[:5]].mean(axis=0) for line in nearness])
    assert KNN(rows, seed=0) == pytest.approx(roc_auc_score(rows.y, shares, average="macro"), abs=1e-12)


def test_one_group_has_no_neighbours() -> None:
    rows = gaussian(20, 3)
    assert KNN.applies(Rows(rows.x, rows.y, groups=np.zeros(20, int))) == "it needs two groups"
