"""Ranks are averaged over what is known, and favourites are kept."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata

from headstart.scores.rank_average import rank_average, shortlist


@given(st.lists(st.tuples(st.integers(-3, 3), st.floats(-5, 5)), min_size=1, max_size=8))
def test_complete_columns_are_averaged_as_scipy_ranks_them(pairs: list[tuple[int, float]]) -> None:
    first, second = ([float(value) for value in column] for column in zip(*pairs, strict=True))
    expected = (rankdata(-np.array(first)) + rankdata(-np.array(second))) / 2
    assert rank_average({"a": first, "b": second}) == pytest.approx(expected.tolist())


def test_a_missing_value_neither_helps_nor_hurts() -> None:
    known = rank_average({"a": [3, 2, 1, 0], "b": [3, 2, None, 0]})
    assert known[2] == 3  # its rank in the only column that it has
    assert known[0] == pytest.approx((1 + (0.5 / 3 * 4 + 0.5)) / 2)
    middle = rank_average({"a": [None, 1, None, 0]})
    assert middle == [None, 1.5, None, 3.5]


def test_nothing_known_is_no_rank() -> None:
    assert rank_average({"a": [None, None]}) == [None, None]
    assert rank_average({}) == []


def test_broken_columns_are_refused() -> None:
    with pytest.raises(ValueError, match="different lengths"):
        rank_average({"a": [1, 2], "b": [1]})
    with pytest.raises(ValueError, match="not finite in: b"):
        rank_average({"a": [1.0], "b": [float("nan")]})


def test_favourites_come_first_and_once() -> None:
    ranks = [1.0, 2.0, None, 4.0, 3.0]
    assert shortlist(ranks, size=3) == [0, 1, 4]
    assert shortlist(ranks, size=3, always=[3, 0]) == [3, 0, 1]
    assert shortlist(ranks, size=3, always=[3, 3]) == [3, 0, 1]
    assert shortlist(ranks, size=1, always=[3, 4]) == [3, 4]
    assert shortlist(ranks, size=9) == [0, 1, 4, 3, 2]
