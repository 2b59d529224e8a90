"""Rows made ready: classes numbered, labels that do not vary dropped, what is known handed to parts."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.core.rows import Rows
from headstart.scores.prepared import prepare
from tests.scores.samples import gaussian


def test_classes_without_rows_are_dropped() -> None:
    rows = prepare(Rows(np.arange(8.0).reshape(4, 2), np.array([7, 2, 7, 40])))
    assert rows.y.tolist() == [1, 0, 1, 2]
    assert rows.class_sizes.tolist() == [1, 2, 1]
    assert rows.take(np.array([0, 3])).y.tolist() == [0, 1]


def test_labels_that_all_rows_or_none_have_are_dropped() -> None:
    y = np.array([[1, 0, 1], [1, 0, 0], [1, 0, 1]])
    rows = prepare(Rows(np.arange(6.0).reshape(3, 2), y))
    assert rows.multi_label
    assert rows.indicators.tolist() == [[1], [0], [1]]


def test_prepared_rows_are_given_back_and_plain_ones_are_not_changed() -> None:
    plain = Rows(np.ones((3, 2), np.float32), np.array([5, 5, 9]), groups=np.array([8, 8, -1]))
    rows = prepare(plain)
    assert prepare(rows) is rows
    assert rows.x.dtype == np.float64
    assert rows.groups is not None
    assert rows.groups.tolist() == [1, 1, 0]
    assert plain.y.tolist() == [5, 5, 9]


@pytest.mark.parametrize("width", [5, 60])
def test_a_part_is_decomposed_as_if_it_had_been_given_alone(width: int) -> None:
    whole = prepare(gaussian(40, width))
    some = np.arange(0, 40, 2)
    alone = prepare(Rows(whole.x[some], whole.y[some]))
    assert whole.gram.shape == (40, 40)  # from here on parts take it over
    part = whole.take(some)
    assert part.gram == pytest.approx(alone.gram)
    assert part.spectrum.squares == pytest.approx(np.sort(alone.spectrum.squares)[:: 1 if width > 20 else -1], rel=1e-6)
    assert part.source_probabilities is not None
    assert len(part.source_probabilities) == len(part) == 20


@pytest.mark.parametrize(
    ("x", "y", "problem"),
    [
        (np.array([[1.0], [np.nan], [2]]), np.array([0, 1, 0]), "1 of 3 rows are not finite"),
        (np.arange(3.0)[:, None], np.array([4, 4, 4]), "there are fewer than two classes"),
        (np.arange(3.0)[:, None], np.array([[1, 0]] * 3), "no label varies"),
        (np.full((3, 2), 1e6), np.array([0, 1, 0]), "all rows have the same features"),
        (np.arange(3.0)[:, None], np.array([0, 1, 0]), None),
    ],
)
def test_what_no_score_can_work_on_is_said(x: np.ndarray, y: np.ndarray, problem: str | None) -> None:
    assert prepare(Rows(x, y)).problem == problem
