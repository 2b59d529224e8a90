from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from headstart.core.errors import DataError
from headstart.data.reader import ReadOptions
from headstart.data.reading import choose_reader, read
from headstart.data.token_arrays import READER
from tests.data.tagged import entities_of, texts_of

DEFAULT = ReadOptions()
WORDS, TAGS = [["Ada", "saw"], ["Rome"]], [["B-PER", "O"], ["B-LOC"]]


@pytest.mark.parametrize(
    "source",
    [
        (WORDS, TAGS),
        [WORDS, TAGS],
        ([np.array(words) for words in WORDS], [np.array(tags) for tags in TAGS]),
        (np.array([np.array(words) for words in WORDS], object), np.array(TAGS, object)),
        (["Ada saw", "Rome"], [[{"start": 0, "end": 3, "label": "PER"}], [(0, 4, "LOC")]]),
    ],
)
def test_both_forms(source: Any) -> None:
    assert choose_reader(source, DEFAULT)[0] is READER
    dataset = read(source, DEFAULT)
    assert texts_of(dataset) == ["Ada saw", "Rome"]
    assert [entities_of(dataset, item) for item in (0, 1)] == [[("PER", "Ada")], [("LOC", "Rome")]]


@pytest.mark.parametrize(
    "source",
    [
        (["a", "b"], ["x", "y"]),
        ([("a", "b"), ("c", "d")], ["x", "y"]),
        ([("a", "b"), ("c", "d")], [["x", "y"], ["y"]]),
        (["a", "b"], [["x"], ["y", "z"]]),
        ([], []),
        "text",
        None,
    ],
)
def test_what_looks_alike(source: Any) -> None:
    assert READER.sniff(source) is None


def test_parts_and_problems() -> None:
    dataset = read({"train": (WORDS, TAGS), "test": ([["x"]], [["O"]])}, DEFAULT)
    assert dataset.given_parts == ("train", "test")
    with pytest.raises(DataError, match="holds no class at all"):
        read({"train": ([["x"]], [["O"]]), "test": ([["x"]], [["O"]])}, DEFAULT)
    with pytest.raises(DataError, match="row 1 of texts in memory has 2 words and 1 tags"):
        read(([["Ada", "saw"], ["x"]], [["B-PER"], ["O"]]), DEFAULT)
    with pytest.raises(DataError, match="There are 2 texts but entities or tags of 1"):
        read((WORDS, TAGS[:1]), DEFAULT)
