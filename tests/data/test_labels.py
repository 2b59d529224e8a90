from __future__ import annotations

from random import Random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.data.labels import as_text, encode_classes, encode_label_sets, look_alikes, natural_key, union


def test_numbers_in_names_sort_by_value() -> None:
    names = ["class10", "class2", "Class1", "b", "A", "10", "9"]
    assert sorted(names, key=natural_key) == ["9", "10", "A", "b", "Class1", "class2", "class10"]


@given(st.lists(st.text()), st.randoms())
def test_natural_order_is_total_and_the_same_from_any_order(names: list[str], chance: Random) -> None:
    mixed = chance.sample(names, len(names))
    assert sorted(names, key=natural_key) == sorted(mixed, key=natural_key)


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        (pa.array([1, None, 20]), ["1", None, "20"]),
        (pa.array([1.0, None, float("nan"), 2.5]), ["1", None, None, "2.5"]),
        (pa.array([1e300, float("inf")]), ["1e+300", "inf"]),
        (pa.array([True, False]), ["true", "false"]),
        (pa.array(["a ", "", "  ", None]), ["a ", None, None, None]),
        (pa.array(["x", "y", "x"]).dictionary_encode(), ["x", "y", "x"]),
        (pa.chunked_array([["x"], ["y"]]), ["x", "y"]),
        (pa.array([[1, 2], None, []]), [["1", "2"], None, []]),
        (pa.array([["a", ""], ["b"]]).slice(1), [["b"]]),
        (pa.array([[1, 2], [3, 4]], pa.list_(pa.int8(), 2)), [["1", "2"], ["3", "4"]]),
    ],
)
def test_values_as_text(values: pa.Array, texts: list[object]) -> None:
    assert as_text(values).to_pylist() == texts


@given(st.lists(st.none() | st.sampled_from(["b", "a10", "a9", " b"]), max_size=20))
def test_classes_are_sorted_and_lead_back_to_the_names(values: list[str | None]) -> None:
    labels, codes = encode_classes(pa.array(values, pa.large_string()))
    assert list(labels) == sorted({value for value in values if value is not None}, key=natural_key)
    assert codes.dtype == np.int32
    assert [labels[code] if code >= 0 else None for code in codes] == values


@given(st.lists(st.none() | st.lists(st.sampled_from(["x", "y2", "y10"])), max_size=20))
def test_label_sets_lead_back_to_the_names(values: list[list[str] | None]) -> None:
    labels, targets, given_at_all = encode_label_sets(pa.array(values, pa.large_list(pa.large_string())))
    assert targets.dtype == np.uint8
    assert targets.shape == (len(values), len(labels))
    assert given_at_all.tolist() == [value is not None for value in values]
    back = [{labels[place] for place in np.flatnonzero(row)} for row in targets]
    assert back == [set(value or ()) for value in values]


def test_labels_that_differ_in_case_or_space_are_noted() -> None:
    events = look_alikes(["cat", "Cat ", "dog", "big  dog", "big dog"])
    assert [event[2] for event in events] == ["'cat' / 'Cat '", "'big  dog' / 'big dog'"]
    assert look_alikes(["cat", "dog"]) == []


def test_the_union_keeps_an_order_that_has_everything() -> None:
    assert union([("b", "a"), ("a",)]) == ("b", "a")
    assert union([("b", "a"), ("c", "a")]) == ("a", "b", "c")
    assert union([]) == ()
