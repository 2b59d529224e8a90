from __future__ import annotations

import pyarrow as pa
import pytest

from headstart.core.dataset import Part
from headstart.core.errors import DataError
from headstart.data.parts import in_order, part_of, parts_of, shared_parts


def test_words_for_parts() -> None:
    assert part_of("Train") == Part.TRAIN
    assert part_of(" valid ") == Part.VALIDATION
    assert part_of("TEST") == Part.TEST
    assert part_of("roses") is None
    assert in_order(["test", "Valid", "train"]) == ["train", "Valid", "test"]


def test_two_words_for_one_part_are_a_problem() -> None:
    assert shared_parts(["train", "val", "test", "roses"]) == []
    assert shared_parts(["valid", "val", "train", "training"]) == [
        "train and training both stand for the train part: keep one of them.",
        "val and valid both stand for the validation part: keep one of them.",
    ]


def test_parts_of_a_column() -> None:
    parts, words = parts_of(pa.array(["test", "Val", None, "train", "test"]), place="a column")
    assert parts.tolist() == [Part.TEST, Part.VALIDATION, Part.UNASSIGNED, Part.TRAIN, Part.TEST]
    assert words == ("train", "Val", "test")


def test_unknown_words_are_listed_at_once() -> None:
    with pytest.raises(DataError, match=r"a column holds 'a', 'b'\."):
        parts_of(pa.array(["train", "a", "b"]), place="a column")
