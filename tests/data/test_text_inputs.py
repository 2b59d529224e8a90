from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import pytest

from headstart.core.errors import DataError
from headstart.data.text import text_of
from headstart.data.text_inputs import text_arguments, text_input_column


def texts_of(inputs: Any) -> list[Any]:
    column, _ = text_input_column(inputs)
    return [text_of(column.read(index)) for index in range(len(column))]


def test_strings_are_texts_and_their_own_names() -> None:
    column, events = text_input_column(["good", "bad"])
    assert [column.name(index) for index in range(2)] == ["good", "bad"]
    assert events == []
    assert texts_of("one text") == ["one text"]
    assert texts_of([("a", "b"), ("c", "d")]) == [("a", "b"), ("c", "d")]
    assert texts_of(("a", "b")) == [("a", "b")]


def test_files_folders_and_tables_keep_the_order_given(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,review,label\n1,first,x\n2,second,y\n")
    (tmp_path / "one.txt").write_bytes("größer".encode("utf-16"))
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "a.txt").write_text("inside")
    (tmp_path / "more" / "a.pdf").write_text("no")
    given = ["before", tmp_path / "t.csv", tmp_path / "one.txt", tmp_path / "more", "after"]
    assert texts_of(given) == ["before", "first", "second", "größer", "inside", "after"]
    _, events = text_input_column(given)
    assert [event[2] for event in events] == ["a.pdf"]


def test_what_cannot_be_predicted_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        text_input_column([tmp_path / "no.csv", 3])
    assert len(caught.value.problems) == 2
    for nothing in ([], [tmp_path]):
        with pytest.raises(DataError, match="No text found"):
            text_input_column(nothing)


def test_words_of_a_command_line(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("text\na\n")
    words = [str(tmp_path / "t.csv"), "missing.csv", "a fine film.txt really", "x" * 5000, "a\0b"]
    assert [type(word).__name__ for word in text_arguments(words)][2:] == ["str"] * 3
    assert [isinstance(word, Path) for word in text_arguments(words)] == [True, True, False, False, False]


def test_names_of_several_tables_say_which(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "t.csv").write_text("text\nx\n")
    (tmp_path / "u.csv").write_text("text\ny\n")
    column, _ = text_input_column(["said", tmp_path / "a" / "t.csv", tmp_path / "u.csv"])
    assert [column.name(index) for index in range(3)] == ["said", "t.csv/row 1", "u.csv/row 1"]
    column, _ = text_input_column([tmp_path / "a" / "t.csv", tmp_path / "b" / "t.csv"])
    assert column.name(1) == f"{tmp_path / 'b' / 't.csv'}/row 1"


def test_nothing_is_a_text_and_no_folder() -> None:
    assert text_arguments(["", " "]) == ["", " "]


@pytest.mark.parametrize(
    ("content", "texts"),
    [
        ("\ufeffgood\r\n\r\nbäd film\r\n".encode(), ["good", "", "bäd film"]),
        ("gut\nschön".encode("utf-16"), ["gut", "schön"]),
        (b"", []),
    ],
)
def test_lines_of_standard_input(monkeypatch: pytest.MonkeyPatch, content: bytes, texts: list[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    assert text_arguments(["before", "-"]) == ["before", *texts]


def test_standard_input_that_is_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\x00\x01\xff")))
    with pytest.raises(DataError, match="Standard input is not text"):
        text_arguments(["-"])
