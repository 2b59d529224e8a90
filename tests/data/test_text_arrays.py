from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from headstart.core.errors import DataError
from headstart.data.reader import ReadOptions
from headstart.data.text_arrays import READER
from tests.data.pictures import items_of, labels_of

DEFAULT = ReadOptions()


def test_texts_and_labels() -> None:
    source = (["good", None, "", "bad", "fine"], ["p", "n", "n", "n", None])
    assert READER.sniff(source)
    dataset = READER.read(source, DEFAULT)
    assert dataset.task == "text-classification"
    assert [dataset.inputs.read(index) for index in range(len(dataset))] == ["good", "bad"]
    assert labels_of(dataset) == ["p", "n"]
    assert items_of(dataset.ledger, "has no text") == ("row 2", "row 3")
    assert items_of(dataset.ledger, "has no label") == ("row 5",)


def test_pairs_arrays_and_several_labels() -> None:
    pairs = READER.read(([["a", "b"], ("c", "d"), ("e", None)], [0, 1, 1]), DEFAULT)
    assert [pairs.inputs.read(index) for index in range(len(pairs))] == [("a", "b"), ("c", "d")]
    assert READER.read((np.array(["a", "b"]), np.array([0, 1])), DEFAULT).labels == ("0", "1")
    assert READER.read((["a", "b"], [["x", "y"], []]), DEFAULT).targets.tolist() == [[1, 1], [0, 0]]


def test_names_of_pictures_and_files_are_left_to_others(tmp_path: Path) -> None:
    (tmp_path / "scan").write_text("x")
    for images in (["a.jpg"], [str(tmp_path / "scan")], np.zeros((1, 2, 2)), [Path("a.txt")], [], "text", [None]):
        assert READER.sniff((images, ["x"])) is None
    assert READER.sniff(3) is None


def test_a_text_may_end_like_the_name_of_a_picture() -> None:
    texts = ["I like it", "not so good", "see my photo.jpg", None]
    assert READER.sniff((texts, ["x", "y", "x", "y"])) == "it is a pair of texts and labels"
    assert len(READER.read((texts, ["x", "y", "x", "y"]), DEFAULT)) == 3
    assert READER.sniff((["a.jpg", "b c.png", "x", "y"], [0, 1, 0, 1])) is None
    assert READER.sniff(([("a.jpg", "b"), ("c", "d.png")], [0, 1]))


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ((["a"], ["x", "y"]), "There are 1 texts but 2 labels"),
        ((["a", 3], ["x", "y"]), r"Not a text: item 1 \(int\)"),
        ((["a", ("b", "c")], ["x", "y"]), "mixed"),
    ],
)
def test_what_is_wrong_is_said(source: object, problem: str) -> None:
    with pytest.raises(DataError, match=problem):
        READER.read(source, DEFAULT)


def test_half_a_surrogate_pair_is_replaced() -> None:
    assert READER.read((["a\ud800", "b"], ["x", "y"]), DEFAULT).inputs.read(0) == "a?"
