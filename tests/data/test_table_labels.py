from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from headstart.core.errors import DataError
from headstart.data.reader import LABEL_SEPARATORS
from headstart.data.table_labels import Labelled, indicator_columns, indicator_names, label_column, other_values


def text(*values: str | None) -> pa.Array:
    return pa.array(values, pa.large_string())


def lists(*values: list[str] | None) -> pa.Array:
    return pa.array(values, pa.large_list(pa.large_string()))


def column(values: pa.Array, multi_label: bool | None = None) -> Labelled:
    return label_column(values, multi_label=multi_label, separators=LABEL_SEPARATORS, place="t.csv")


def sets(labelled: Labelled) -> list[set[str]]:
    return [{labelled.labels[place] for place in np.flatnonzero(row)} for row in labelled.targets]


def test_one_label_a_row() -> None:
    found = column(text("b", None, "a10", "a9"))
    assert found.labels == ("a9", "a10", "b")
    assert found.targets.tolist() == [2, -1, 1, 0]
    assert found.given.tolist() == [True, False, True, True]
    assert found.events == ()


@pytest.mark.parametrize("mark", ["|", ";"])
def test_labels_with_a_separator(mark: str) -> None:
    found = column(text(f"a{mark} b", "a", None, f"{mark}c"))
    assert found.labels == ("a", "b", "c")
    assert found.targets.dtype == np.uint8
    assert sets(found) == [{"a", "b"}, {"a"}, set(), {"c"}]
    assert found.given.tolist() == [True, True, False, True]
    assert found.events == (("noted", f"labels are separated by '{mark}': each item may have several", "t.csv"),)


def test_the_user_decides_whether_a_separator_is_one() -> None:
    assert column(text("a|b", "c"), multi_label=False).labels == ("a|b", "c")
    found = column(text("a|b", "c"), multi_label=True)
    assert sets(found) == [{"a", "b"}, {"c"}]
    assert found.events == ()


def test_multi_label_data_in_which_no_row_has_several() -> None:
    found = column(text("a", None, "b"), multi_label=True)
    assert sets(found) == [{"a"}, set(), {"b"}]
    assert found.given.tolist() == [True, False, True]


def test_lists_are_several_labels_and_an_empty_one_is_none() -> None:
    found = column(lists(["x", "y"], [], None, ["x"]))
    assert sets(found) == [{"x", "y"}, set(), set(), {"x"}]
    assert found.given.tolist() == [True, True, False, True]


def test_lists_of_one_can_be_taken_as_single_labels() -> None:
    found = column(lists(["y"], [], ["x"], None), multi_label=False)
    assert found.labels == ("x", "y")
    assert found.targets.tolist() == [1, -1, 0, -1]
    with pytest.raises(DataError, match="1 rows of t.csv have several labels"):
        column(lists(["y", "x"], ["x"]), multi_label=False)


def test_columns_of_zero_and_one() -> None:
    columns = {"dog": text("1", "0", "1.0"), "cat": text("true", "0", "False")}
    found = indicator_columns(columns, multi_label=None, place="t.csv")
    assert found.labels == ("dog", "cat"), "the order of the columns is the user's"
    assert found.targets.tolist() == [[1, 1], [0, 0], [1, 0]]
    assert found.targets.dtype == np.uint8


def test_exactly_one_1_in_every_row_means_one_class_each() -> None:
    columns = {"dog": text("1", "0", None), "cat": text("0", "1", "1")}
    found = indicator_columns(columns, multi_label=None, place="t.csv")
    assert found.targets.tolist() == [0, 1, -1]
    assert found.given.tolist() == [True, True, False]
    assert "exactly one 1" in found.events[0][1]
    assert indicator_columns(columns, multi_label=True, place="t.csv").targets.tolist() == [[1, 0], [0, 1], [0, 1]]


def test_several_ones_are_not_one_class() -> None:
    with pytest.raises(DataError, match="one label an item was asked for"):
        indicator_columns({"a": text("1"), "b": text("1")}, multi_label=False, place="t.csv")


def test_other_values_are_reported_for_all_columns() -> None:
    columns = {
        "a": text("1", "2", "x", "y", "z"),
        "b": text("0", "1", "1", "1", "1"),
        "c": lists(["1"], [], [], [], []),
    }
    with pytest.raises(DataError) as error:
        indicator_columns(columns, multi_label=None, place="t.csv")
    assert error.value.problems == (
        "Column 'a' of t.csv should hold 0 and 1, not '2', 'x', 'y', ....",
        "Column 'c' of t.csv should hold 0 and 1, not lists.",
    )


def test_which_columns_hold_zero_and_one() -> None:
    assert indicator_names({"a": text("0", None), "b": text("2"), "c": text(None), "d": text("TRUE")}) == ["a", "d"]
    assert other_values(text("0", "1", None)) == ""
