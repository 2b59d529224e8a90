from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from headstart.core.dataset import Part
from headstart.core.errors import DataError
from headstart.core.ledger import Ledger
from headstart.data.columns import PathColumn, path_array
from headstart.data.finishing import counts_by_class, finish
from headstart.data.reader import ReadOptions
from tests.data.pictures import items_of, labels_of, reasons
from tests.data.synthetic import synthetic

DEFAULT = ReadOptions()


def test_good_data_stay_as_they_are() -> None:
    dataset = synthetic("abc", [0, 1, 0])
    assert finish(dataset, DEFAULT) is dataset


def test_a_single_class_is_an_error_that_says_what_was_left_out() -> None:
    ledger = Ledger.of([("skipped", "no picture", "b.txt"), ("noted", "odd", "c")])
    dataset = replace(synthetic("ab", [0, 0]), ledger=ledger)
    with pytest.raises(DataError) as error:
        finish(dataset, DEFAULT)
    assert error.value.problems == ("synthetic holds the single class 'class 0'.", "skipped 1: no picture (b.txt)")
    assert len(finish(dataset, ReadOptions(least_classes=1))) == 2


def test_one_label_of_multi_label_data_is_enough() -> None:
    assert finish(synthetic("ab", np.array([[1], [0]])), DEFAULT).labels == ("class 0",)


def test_nothing_left_is_an_error() -> None:
    empty = replace(synthetic("", []), ledger=Ledger.of([("skipped", "has no label", "a.jpg")]))
    with pytest.raises(DataError, match=r"Nothing that could be used is left[\s\S]*has no label"):
        finish(empty, DEFAULT)


def test_classes_without_pictures_are_left_out() -> None:
    dataset = finish(synthetic("abc", [3, 1, 3]), DEFAULT)
    assert dataset.labels == ("class 1", "class 3")
    assert labels_of(dataset) == ["class 3", "class 1", "class 3"]
    assert dataset.targets.dtype == np.int32
    assert items_of(dataset.ledger, "a class that no picture has") == ("class 0", "class 2")
    several = finish(synthetic("ab", np.array([[0, 1, 0], [0, 1, 1]])), DEFAULT)
    assert labels_of(several) == [("class 1",), ("class 1", "class 2")]


def test_labels_that_look_alike_are_noted() -> None:
    dataset = finish(replace(synthetic("ab", [0, 1]), labels=("Rose", "rose ")), DEFAULT)
    assert items_of(dataset.ledger, "differ only in case") == ("'Rose' / 'rose '",)
    assert dataset.labels == ("Rose", "rose ")


def test_classes_that_a_part_lacks_are_noted() -> None:
    parts = [Part.TRAIN, Part.TRAIN, Part.VALIDATION, Part.TEST, Part.TEST]
    dataset = finish(synthetic("abcde", [0, 1, 0, 0, 2], parts=parts, given_parts=("train", "valid", "test")), DEFAULT)
    assert reasons(dataset.ledger) == {
        "noted: a class in train but not in valid, test": ("class 1",),
        "noted: a class in test but not in train, valid": ("class 2",),
    }


def test_paths_that_all_start_with_a_part_are_a_split() -> None:
    def named(*paths: str) -> object:
        dataset = replace(synthetic("abc", [0, 1, 0]), inputs=PathColumn(Path(), path_array(paths)))
        finished = finish(dataset, DEFAULT)
        return finished.parts.tolist(), finished.given_parts

    unsplit = ([Part.UNASSIGNED] * 3, ())
    split = [Part.TRAIN, Part.TEST, Part.TRAIN]
    assert named("train/a.jpg", "Test/b.jpg", "train/x/c.jpg") == (split, ("train", "Test"))
    assert named("train/a.jpg", "rose/b.jpg", "test/c.jpg") == unsplit
    assert named("train/a.jpg", "b.jpg", "test/c.jpg") == unsplit


def test_one_group_for_all_is_not_used() -> None:
    dataset = finish(synthetic("abc", [0, 1, 0], groups=["g", "g", "g"]), DEFAULT)
    assert dataset.groups is None
    assert items_of(dataset.ledger, "all items have the same group") == ("synthetic",)
    assert finish(synthetic("abc", [0, 1, 0], groups=["g", "h", "g"]), DEFAULT).groups is not None


def test_counts() -> None:
    assert counts_by_class(synthetic("abc", [2, 0, 2])).tolist() == [1, 0, 2]
    assert counts_by_class(synthetic("ab", np.array([[1, 1], [0, 1]]))).tolist() == [1, 2]
