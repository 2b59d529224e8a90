from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from headstart.core.dataset import Part
from headstart.core.errors import DataError
from headstart.core.ledger import Ledger
from headstart.data.joining import join_parts
from tests.data.pictures import labels_of, names_of, reasons
from tests.data.synthetic import synthetic


def test_labels_are_brought_together() -> None:
    train = replace(synthetic("ab", [0, 1]), labels=("x", "z"))
    test = replace(synthetic("cd", [1, 0]), labels=("y", "x"))
    joined = join_parts({"test": test, "train": train}, source="here")
    assert joined.labels == ("x", "y", "z")
    assert labels_of(joined) == ["x", "z", "x", "y"]
    assert joined.parts.tolist() == [Part.TRAIN, Part.TRAIN, Part.TEST, Part.TEST]
    assert joined.given_parts == ("train", "test")
    assert joined.source == "here"
    assert names_of(joined) == ["train/row 0", "train/row 1", "test/row 0", "test/row 1"]


def test_a_part_with_several_labels_makes_all_multi_label() -> None:
    train = replace(synthetic("ab", np.array([[1, 1], [0, 0]])), labels=("x", "y"))
    test = replace(synthetic("c", [0]), labels=("z",))
    joined = join_parts({"train": train, "val": test}, source="here")
    assert joined.targets.dtype == np.uint8
    assert labels_of(joined) == [("x", "y"), (), ("z",)]


def test_groups_and_domains_are_brought_together() -> None:
    train = synthetic("ab", [0, 1], groups=["p", "q"])
    val = synthetic("cd", [0, 1], groups=["q", "r"])
    test = replace(synthetic("e", [0]), domains=np.zeros(1, np.int32), domain_names=("d",))
    joined = join_parts({"train": train, "val": val, "test": test}, source="here")
    assert joined.groups is not None
    assert [joined.group_names[group] for group in joined.groups] == ["p", "q", "q", "r", "(no group) test/row 0"]
    assert joined.domains is not None
    assert [joined.domain_names[domain] for domain in joined.domains] == ["(none)"] * 4 + ["d"]


def test_ledgers_say_which_part_an_item_was_in() -> None:
    event = Ledger.of([("skipped", "no label", "row 3")])
    train = replace(synthetic("a", [0]), ledger=event)
    joined = join_parts({"train": train, "test": replace(train, ledger=event)}, source="here")
    assert reasons(joined.ledger) == {"skipped: no label": ("train/row 3", "test/row 3")}


def test_an_empty_part_is_not_a_given_part() -> None:
    empty = synthetic("a", [0]).take(np.zeros(0, np.int64))
    joined = join_parts({"train": synthetic("ab", [0, 1]), "test": empty}, source="here")
    assert joined.given_parts == ("train",)
    assert len(joined) == 2


def test_all_problems_are_reported_at_once() -> None:
    split = synthetic("a", [0], parts=[Part.TRAIN], given_parts=("train",))
    pieces = {
        "val": split,
        "valid": synthetic("a", [0]),
        "rest": synthetic("b", [0]),
        "test": replace(synthetic("c", [0]), task="other"),
    }
    with pytest.raises(DataError) as error:
        join_parts(pieces, source="here")
    assert error.value.problems == (
        "'rest' is not a part of a split.",
        "val and valid both stand for the validation part: keep one of them.",
        "The data for val (synthetic) are themselves split into train.",
        "The parts are data for different tasks: image-classification, other.",
    )
