"""Draws are without replacement, stratified, by whole groups, and the same for the same seed."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.core.rows import Rows
from headstart.scores.prepared import prepare
from headstart.scores.subsamples import MOST, at_most, subsamples
from tests.scores.samples import gaussian, several_labels, unequal


def test_half_of_every_class_and_no_row_twice() -> None:
    rows = prepare(unequal())
    draws = subsamples(rows, repeats=200, seed=0)
    sizes = np.array([[np.sum(rows.y[draw.indices] == label) for label in range(3)] for draw in draws])
    assert all(len(set(draw.indices.tolist())) == len(draw.indices) == draw.kept for draw in draws)
    assert set(sizes[:, 0]) == {10}
    assert set(sizes[:, 1]) == {4, 5}
    assert sizes[:, 1].mean() == pytest.approx(4.5, abs=0.15)
    assert {draw.units for draw in draws} == {33}


def test_pairs_are_kept_whole() -> None:
    rows = prepare(Rows(np.arange(40.0)[:, None], np.array([0, 0, 1, *[2] * 37])))
    for draw in subsamples(rows, repeats=20, seed=0):
        assert {0, 1, 2} <= set(draw.indices.tolist())


def test_many_rows_give_draws_of_bounded_size_and_their_scale() -> None:
    (draw,) = subsamples(prepare(gaussian(4000, 2, classes=4)), repeats=1, seed=0)
    assert draw.kept == pytest.approx(MOST, abs=4)
    assert draw.scale == pytest.approx(draw.kept / (4000 - draw.kept))


def test_groups_stay_whole() -> None:
    made = gaussian(60, 3, classes=2)
    y = np.repeat([0, 1], 30)
    rows = prepare(Rows(made.x, y, groups=np.arange(60) // 5))
    for draw in subsamples(rows, repeats=10, seed=0):
        assert draw.units == 12
        assert draw.kept == 6
        assert np.unique(np.arange(60)[draw.indices] // 5, return_counts=True)[1].tolist() == [5] * 6
        assert np.bincount(y[draw.indices]).tolist() == [15, 15]


def test_several_labels_are_stratified_by_the_rarest() -> None:
    rows = prepare(several_labels(200))
    rarest = int(rows.class_sizes.argmin())
    for draw in subsamples(rows, repeats=5, seed=0):
        assert rows.y[draw.indices, rarest].sum() == pytest.approx(rows.class_sizes[rarest] / 2, abs=1)


def test_the_seed_decides() -> None:
    rows = prepare(gaussian(30, 2))
    first, again, other = (subsamples(rows, repeats=3, seed=seed) for seed in (1, 1, 2))
    assert all((a.indices == b.indices).all() for a, b in zip(first, again, strict=True))
    assert any(
        len(a.indices) != len(b.indices) or (a.indices != b.indices).any() for a, b in zip(first, other, strict=True)
    )


def test_nothing_to_leave_out_is_no_draw() -> None:
    assert subsamples(prepare(gaussian(6, 2)), repeats=5, seed=0) == []


def test_rows_are_capped_class_by_class() -> None:
    rows = prepare(gaussian(90, 2))
    assert at_most(rows, 90, seed=0) is rows
    assert at_most(rows, 30, seed=0).class_sizes.tolist() == [10, 10, 10]
