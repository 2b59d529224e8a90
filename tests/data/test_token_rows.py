from __future__ import annotations

from pathlib import Path

import pytest

from headstart.core.dataset import Part
from headstart.core.errors import DataError
from headstart.data.reader import ReadOptions
from headstart.data.token_rows import Found, columns_of, token_dataset
from tests.data.pictures import items_of
from tests.data.tagged import entities_of, texts_of

DEFAULT, PLACE = ReadOptions(), Path("t.jsonl")


def test_columns_by_name_and_kind() -> None:
    assert columns_of([{"tokens": ["a"], "ner_tags": [3]}], DEFAULT) == Found("tokens", "ner_tags", spans=False)
    assert columns_of([{"text": "a", "spans": []}], DEFAULT) == Found("text", "spans", spans=True)
    assert columns_of([{"text": "a", "label": [[0, 1, "X"]]}], DEFAULT) == Found("text", "label", spans=True)
    named = ReadOptions(text="w", label="t")
    assert columns_of([{"w": ["a"], "t": ["O"], "tokens": ["b"]}], named) == Found("w", "t", spans=False)
    for other in ({"text": "a", "labels": []}, {"text": "a", "label": ["x", "y"]}, {"text": "a", "label": "x"}, {}):
        assert columns_of([other], DEFAULT) is None


def test_groups_parts_and_words_without_characters() -> None:
    rows = [
        {"tokens": ["a", " ", "b"], "tags": ["B-X", "O", "O"], "group": "g", "split": "train"},
        {"tokens": [], "tags": [], "group": "g", "split": "train"},
        {"tokens": ["c\ud800"], "tags": ["O"], "group": "h", "split": "test"},
    ]
    dataset = token_dataset(rows, DEFAULT, path=PLACE)
    assert texts_of(dataset) == ["a b", "c?"]
    assert entities_of(dataset, 0) == [("X", "a")]
    assert dataset.parts.tolist() == [Part.TRAIN, Part.TEST]
    assert dataset.group_names == ("g", "h")
    assert items_of(dataset.ledger, "a word without characters") == ("row 1",)
    assert items_of(dataset.ledger, "has no words") == ("row 2",)
    assert dataset.inputs.name(1) == "row 3"


def test_numbers_are_words_and_what_is_missing_is_none() -> None:
    rows = [{"tokens": [0, None, 12, ""], "tags": ["B-X", "O", "O", "O"]}]
    dataset = token_dataset(rows, DEFAULT, path=PLACE)
    assert texts_of(dataset) == ["0 12"]
    assert entities_of(dataset, 0) == [("X", "0")]


def test_numbers_take_names() -> None:
    rows = [{"tokens": ["a", "b"], "ner_tags": [1, 0]}]
    dataset = token_dataset(rows, DEFAULT, path=PLACE, classes={"ner_tags": ["O", "B-X"]})
    assert entities_of(dataset, 0) == [("X", "a")]
    with pytest.raises(DataError, match="what tag 1 stands for is not known"):
        token_dataset(rows, DEFAULT, path=PLACE)


def test_rows_that_do_not_fit_are_all_named() -> None:
    rows = [{"tokens": ["a"], "tags": ["O", "O"]}] * 7
    with pytest.raises(DataError) as caught:
        token_dataset(rows, DEFAULT, path=PLACE)
    assert len(caught.value.problems) == 6
    assert caught.value.problems[0] == "row 1 of t.jsonl has 1 words and 2 tags."
    with pytest.raises(DataError, match="no column 'tag'.*Did you mean 'tags'"):
        token_dataset(rows, ReadOptions(label="tag"), path=PLACE)
    with pytest.raises(DataError, match="without words and tags"):
        token_dataset([{"a": 1}], DEFAULT, path=PLACE)
    with pytest.raises(DataError, match="has no rows"):
        token_dataset([], DEFAULT, path=PLACE)


def test_spans_with_texts_that_are_empty() -> None:
    rows = [{"text": "", "entities": []}, {"text": "to Rome", "entities": [[3, 7, "LOC"]]}]
    dataset = token_dataset(rows, DEFAULT, path=PLACE)
    assert entities_of(dataset, 0) == [("LOC", "Rome")]
    assert dataset.inputs.name(0) == "row 2"
    assert items_of(dataset.ledger, "has no text") == ("row 1",)
