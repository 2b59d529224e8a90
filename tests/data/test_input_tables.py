from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest

from headstart.core.errors import DataError
from headstart.data.input_tables import holds_several_texts, texts_in
from headstart.data.reader import ReadOptions


def texts_of(path: Path, reading: ReadOptions | None = None) -> list[object]:
    column = texts_in(path, reading or ReadOptions())
    return [column.read(index) for index in range(len(column))]


def test_columns_that_the_user_names(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("said,then\na,b\nc,d\n")
    assert texts_of(path, ReadOptions(text="said")) == ["a", "c"]
    assert texts_of(path, ReadOptions(text="said", text_pair="then")) == [("a", "b"), ("c", "d")]
    with pytest.raises(DataError, match="has no column"):
        texts_of(path)


def test_words_in_lists_are_put_together(tmp_path: Path) -> None:
    rows = [{"tokens": ["Ada", "saw", "Paris"], "tags": ["B-PER", "O", "B-LOC"]}, {"tokens": ["So", "."], "tags": []}]
    (tmp_path / "t.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert texts_of(tmp_path / "t.jsonl") == ["Ada saw Paris", "So ."]
    pa.parquet.write_table(pa.table({"chars": [["北", "京", "好"], []]}), tmp_path / "t.parquet")
    assert texts_of(tmp_path / "t.parquet", ReadOptions(text="chars")) == ["北京好", ""]


def test_words_in_columns_with_tags_and_without(tmp_path: Path) -> None:
    (tmp_path / "tagged.txt").write_text("Ada B-PER\nsaw O\n\nme O\n")
    (tmp_path / "words.conll").write_text("\nAda\nsaw\n\n\nme\n")
    assert holds_several_texts(tmp_path / "tagged.txt")
    assert texts_of(tmp_path / "tagged.txt") == ["Ada saw", "me"]
    assert texts_of(tmp_path / "words.conll") == ["Ada saw", "me"]
    column = texts_in(tmp_path / "words.conll", ReadOptions())
    assert [column.name(index) for index in range(2)] == ["line 2", "line 6"]


def test_a_plain_text_is_no_table(tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text("Ada saw me.\nAnd so on.\n")
    assert not holds_several_texts(tmp_path / "t.txt")


def test_what_is_damaged_is_told(tmp_path: Path) -> None:
    (tmp_path / "t.conll").write_bytes(b"\0\1\2")
    with pytest.raises(DataError, match="is not text"):
        texts_in(tmp_path / "t.conll", ReadOptions())
