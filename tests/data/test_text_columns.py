from __future__ import annotations

import numpy as np
import pyarrow as pa

from headstart.data.text_columns import TextColumn

TEXTS = pa.array(["a", "b", "c"], pa.large_string())


def test_texts_are_read_one_at_a_time_under_their_rows() -> None:
    column = TextColumn(TEXTS).take(np.array([2, 0]))
    assert [column.read(index) for index in range(len(column))] == ["c", "a"]
    assert [column.name(index) for index in range(len(column))] == ["row 3", "row 1"]
    assert column.stamp(0) is None


def test_pairs() -> None:
    column = TextColumn(TEXTS, pa.array(["x", "y", "z"], pa.large_string())).take(np.array([1]))
    assert column.read(0) == ("b", "y")
