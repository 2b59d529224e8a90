"""Texts that nobody labelled."""

from __future__ import annotations

from pathlib import Path

import pytest

from headstart.core.errors import DataError
from headstart.data.reader import ReadOptions
from headstart.data.unlabelled import unlabelled_texts

USUAL = ReadOptions()


def read(source: object, options: ReadOptions = USUAL) -> list[object] | None:
    found = unlabelled_texts(source, options)
    return None if found is None else [found.inputs.read(index) for index in range(len(found))]


def test_a_list_a_file_of_lines_and_a_table_without_labels(tmp_path: Path) -> None:
    assert read(["one", "two"]) == ["one", "two"]
    lines = tmp_path / "texts.txt"
    lines.write_bytes("eins\r\n\r\n zwei\n".encode("utf-16"))
    assert read(lines) == ["eins", " zwei"]
    found = unlabelled_texts(lines, USUAL)
    assert found is not None
    assert [(line.action, line.items) for line in found.ledger.lines] == [
        ("converted", ("texts.txt",)),
        ("skipped", ("row 2",)),
    ]
    table = tmp_path / "reviews.csv"
    table.write_text("review,stars\ngood,5\n,1\n")
    assert read(table) == ["good"]


def test_columns_that_are_named(tmp_path: Path) -> None:
    table = tmp_path / "things.jsonl"
    table.write_text('{"words": "one", "more": "two"}\n')
    assert read(table) is None
    assert read(table, ReadOptions(text="words")) == ["one"]
    assert read(table, ReadOptions(text="words", text_pair="more")) == [("one", "two")]


def test_what_has_labels_or_pictures_is_left_to_the_readers(tmp_path: Path) -> None:
    for header in ("text,label", "image,text"):
        table = tmp_path / "table.csv"
        table.write_text(f"{header}\na,b\n")
        assert read(table) is None
        assert read(table, ReadOptions(label="label")) is None
    assert read(tmp_path) is None
    assert read("org/data") is None
    assert read([["one"], ["a"]]) is None
    assert read((["one"], ["a"])) is None


def test_nothing_in_it_is_told(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text("\n \n")
    with pytest.raises(DataError, match="holds no texts"):
        read(tmp_path / "empty.txt")


def test_what_is_no_text_is_told_and_only_line_breaks_end_lines(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one\x0cpage\n\u2028two\r\nthree\n", encoding="utf-8", newline="")
    found = unlabelled_texts(str(tmp_path / "a.txt"), ReadOptions())
    assert found is not None
    assert [found.inputs.read(index) for index in range(len(found))] == ["one\x0cpage", "\u2028two", "three"]
    (tmp_path / "b.txt").write_bytes(b"\0\1\2")
    with pytest.raises(DataError, match="is not text"):
        unlabelled_texts(str(tmp_path / "b.txt"), ReadOptions())
