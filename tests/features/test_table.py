"""Tables of features: any rows in any order, from any number of segments."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.core.ledger import Ledger
from headstart.features.store import FeatureStore
from headstart.features.table import (
    ArrayFeatures,
    FeatureTable,
    LastColumns,
    MeanFeatures,
    SideBySide,
    StoredFeatures,
)
from tests.features.samples import contents, key_of, rows_of


def stored(count: int = 9, segments: int = 3) -> StoredFeatures:
    store = FeatureStore(key_of())
    for part in np.array_split(np.arange(count), segments):
        with store.writer() as writer:
            writer.append(contents(count)[part], rows_of(count)[part])
    return StoredFeatures(store.find(contents(count)), 4, Ledger())


@given(st.lists(st.integers(0, 8), max_size=12))
def test_rows_come_in_the_order_of_the_indices(wanted: list[int]) -> None:
    table = stored()
    indices = np.array(wanted, np.int64)
    assert np.array_equal(table.rows(indices), rows_of(9)[indices])


@pytest.mark.parametrize("segments", [1, 3])
@pytest.mark.parametrize("size", [1, 4, 9, 100])
def test_chunks_make_up_the_whole(size: int, segments: int) -> None:
    table = stored(segments=segments)
    chunks = list(table.chunks(size))
    assert max(map(len, chunks)) <= size
    assert np.array_equal(np.concatenate(chunks), rows_of(9))
    assert np.array_equal(np.concatenate(list(table.chunks(size, np.array([7, 2, 5])))), rows_of(9)[[7, 2, 5]])


def test_rows_are_copies_that_may_be_changed() -> None:
    for table in (stored(segments=1), ArrayFeatures(rows_of(9)), MeanFeatures(stored(), stored())):
        table.rows(np.arange(3))[:] = 0
        assert np.array_equal(table.rows(np.arange(9)), rows_of(9))


def test_rows_of_tables_made_of_tables_are_copies_too() -> None:
    whole, first = ArrayFeatures(rows_of(9)), LastColumns(ArrayFeatures(rows_of(9)), 3)
    for table in (LastColumns(whole, 4), LastColumns(whole, 3), SideBySide([whole]), SideBySide([first, whole])):
        before = table.rows(np.arange(9)).copy()
        table.rows(np.arange(9))[:] = 0
        assert np.array_equal(table.rows(np.arange(9)), before)
        assert np.array_equal(whole.rows(np.arange(9)), rows_of(9))


def test_the_last_columns() -> None:
    table = LastColumns(stored(), 3)
    assert (len(table), table.width) == (9, 3)
    rows = table.rows(np.array([7, 0]))
    assert np.array_equal(rows, rows_of(9)[[7, 0], 1:])
    assert rows.flags.c_contiguous
    assert np.array_equal(np.concatenate(list(table.chunks(4))), rows_of(9)[:, 1:])


@pytest.mark.parametrize("width", [0, 5])
def test_columns_that_are_not_there(width: int) -> None:
    with pytest.raises(ValueError, match=f"no last {width}"):
        LastColumns(stored(), width)


def test_tables_side_by_side() -> None:
    ours, theirs = stored(), ArrayFeatures(rows_of(9, width=2, seed=1))
    ours.ledger = theirs.ledger = Ledger.of([("noted", "something", "a")])
    table = SideBySide([ours, theirs])
    assert (len(table), table.width) == (9, 6)
    wanted = np.concatenate([rows_of(9), rows_of(9, width=2, seed=1)], axis=1)
    assert np.array_equal(table.rows(np.array([3, 8, 3])), wanted[[3, 8, 3]])
    assert table.ledger.count("noted") == 2


def test_tables_of_other_items_do_not_stand_side_by_side() -> None:
    with pytest.raises(ValueError, match="different items"):
        SideBySide([ArrayFeatures(rows_of(4)), ArrayFeatures(rows_of(5))])


def test_the_mean_of_two_tables() -> None:
    mean = MeanFeatures(ArrayFeatures(rows_of(5)), ArrayFeatures(rows_of(5, seed=1)))
    assert (len(mean), mean.width) == (5, 4)
    wanted = (rows_of(5).astype(np.float64) + rows_of(5, seed=1)) / 2
    np.testing.assert_allclose(mean.rows(np.array([4, 0])), wanted[[4, 0]], rtol=1e-6)


@pytest.mark.parametrize("other", [ArrayFeatures(rows_of(4)), ArrayFeatures(rows_of(5, width=3))])
def test_tables_of_other_items_have_no_mean(other: FeatureTable) -> None:
    with pytest.raises(ValueError, match="no mean"):
        MeanFeatures(ArrayFeatures(rows_of(5)), other)


def test_missing_rows_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="2 items"):
        StoredFeatures(FeatureStore(key_of()).find(contents(2)), 4, Ledger())
