from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest

from headstart.core.errors import DataError
from headstart.data.quoting import AS_CHARACTERS
from headstart.data.table_file import column_names, read_table_file


def written(folder: Path, name: str, text: str, *, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def columns(path: Path, **options: str) -> dict[str, list[object]]:
    return {name: values.to_pylist() for name, values in read_table_file(path, **options).columns.items()}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "image,label\na.jpg,007\nb.jpg,\n"),
        ("a.csv", "\ufeffimage,label\r\na.jpg,007\r\nb.jpg,\r\n"),
        ("a.csv", "\nimage;label\na.jpg;007\n\nb.jpg;"),
        ("a.csv", "image|label\na.jpg|007\nb.jpg|\n"),
        ("a.tsv", "image\tlabel\na.jpg\t007\nb.jpg\t\n"),
        ("a.csv", "image, label\na.jpg, 007\nb.jpg,   \n"),
        ("A.CSV", 'image,"label"\n"a.jpg","007"\nb.jpg,\n'),
        ("a.jsonl", '{"image": "a.jpg", "label": "007"}\n\n{"image": "b.jpg", "label": null}\n'),
        ("a.ndjson", '{"image": "a.jpg", "label": "007"}\n{"image": "b.jpg"}'),
    ],
)
def test_every_way_to_write_a_table(tmp_path: Path, name: str, text: str) -> None:
    path = written(tmp_path, name, text)
    assert [column.strip() for column in column_names(path)] == ["image", "label"]
    assert columns(path) == {"image": ["a.jpg", "b.jpg"], "label": ["007", None]}
    assert len(read_table_file(path)) == 2


def test_the_delimiter_can_be_given(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", "image:a,b\nx.jpg:1\n")
    assert columns(path, delimiter=":") == {"image": ["x.jpg"], "a,b": ["1"]}
    assert column_names(path, delimiter=":") == ["image", "a,b"]


def test_separators_in_the_cells_do_not_decide_the_delimiter(tmp_path: Path) -> None:
    assert columns(written(tmp_path, "a.csv", "image,labels\na.jpg,x|y|z|w\n")) == {
        "image": ["a.jpg"],
        "labels": ["x|y|z|w"],
    }


def test_quoted_cells_may_hold_delimiters_and_lines(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", 'image,label\n"a,1.jpg","two\nlines"\n')
    assert columns(path) == {"image": ["a,1.jpg"], "label": ["two\nlines"]}


def test_quotes_that_fit_no_cell_are_characters_and_said(tmp_path: Path) -> None:
    lines = ["sentence\tlabel", '"hello there\t1', "good film\t0", 'another " quote\t0', 'end" here\t1', "last one\t0"]
    table = read_table_file(written(tmp_path, "a.tsv", "\n".join(lines)))
    assert table.columns["sentence"].to_pylist() == [line.split("\t")[0] for line in lines[1:]]
    assert table.columns["label"].to_pylist() == ["1", "0", "0", "1", "0"]
    assert table.events == (("converted", AS_CHARACTERS, "a.tsv"),)


def test_quotes_that_fit_no_reading_are_reported(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"that begins in line 2 .* closes within a cell"):
        read_table_file(written(tmp_path, "a.csv", 'text,label\n"well, "so" it is",1\nb,2\n'))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_quotes_are_looked_at_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    path = written(tmp_path, "a.csv", 'text,label\n"schön" hier,1\n"a""b",2\n', encoding=encoding)
    assert columns(path) == {"text": ['"schön" hier', '"a""b"'], "label": ["1", "2"]}


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("text\na\n\nb\n", ["a", None, "b"]),
        ("\n\ntext\r\n\r\na\r\n  \r\nb", [None, "a", None, "b"]),
        ('text\n"a\n\nb"\n\n', ["a\n\nb", None]),
        ('text\n"a" b\n\nc\n', ['"a" b', None, "c"]),
    ],
)
def test_an_empty_line_of_one_column_is_an_empty_cell(tmp_path: Path, text: str, cells: list[str | None]) -> None:
    assert columns(written(tmp_path, "a.csv", text)) == {"text": cells}


def test_rows_of_the_wrong_length_are_events(tmp_path: Path) -> None:
    table = read_table_file(written(tmp_path, "a.csv", "image,label\na.jpg,1\nb.jpg\nc.jpg,1,2\nd.jpg,2\n"))
    assert table.columns["image"].to_pylist() == ["a.jpg", "d.jpg"]
    assert table.events == (
        ("skipped", "has 1 columns where 2 are named", "line 3 of a.csv"),
        ("skipped", "has 3 columns where 2 are named", "line 4 of a.csv"),
    )


def test_json_values_become_text(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "a.jsonl",
        '{"n": 1, "f": 2.0, "b": true, "l": ["x", 1], "o": {"a": 1}}\n{"n": 2.5, "b": false, "l": "y", "late": "z"}\n',
    )
    assert columns(path) == {
        "n": ["1", "2.5"],
        "f": ["2", None],
        "b": ["true", "false"],
        "l": [["x", "1"], ["y"]],
        "o": [None, None],
        "late": [None, "z"],
    }


def test_numbers_of_classes_are_called_as_the_datasets_library_calls_them(tmp_path: Path) -> None:
    kind = {"names": ["bad", "good"], "_type": "ClassLabel"}
    features = {"label": kind, "labels": {"feature": kind, "_type": "Sequence"}, "number": {"dtype": "int64"}}
    data = {"label": [1, 0, -1, None], "labels": [[0, 1], [], None, [1]], "number": [1, 0, 2, 3]}
    metadata = {"huggingface": json.dumps({"info": {"features": features}})}
    pa.parquet.write_table(pa.table(data).replace_schema_metadata(metadata), tmp_path / "a.parquet")
    assert columns(tmp_path / "a.parquet") == {
        "label": ["good", "bad", None, None],
        "labels": [["bad", "good"], [], None, ["good"]],
        "number": ["1", "0", "2", "3"],
    }


def test_parquet_columns_become_text_and_others_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    data = {"image": ["a.jpg"], "label": [3], "float": [1.0], "tags": [["x"]], "pixels": [b"\x00"], "box": [{"x": 1}]}
    pa.parquet.write_table(pa.table(data), path)
    assert column_names(path) == list(data)
    assert columns(path) == {"image": ["a.jpg"], "label": ["3"], "float": ["1"], "tags": [["x"]]}


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("a.csv", b"", "is empty"),
        ("a.csv", b"\n \n", "is empty"),
        ("a.csv", b"image,image\n", "more than one column named 'image'"),
        ("a.csv", b"text,label, label\na,b,c\n", "more than one column named 'label'"),
        ("a.csv", b"image,label\na\0b.jpg,1\n", "is not text: it holds zero bytes"),
        ("a.csv", b"\xef\xbb\xbfimage,label\n\xff,1\n", "is not text: it is marked as UTF-8, but is not"),
        ("a.jsonl", b'{"image": \n', "Line 1 of .* is not JSON"),
        ("a.jsonl", b'{"image": 1}\n{"image": ' + b"1" * 5000 + b"}\n", "Line 2 of .* number with more digits"),
        ("a.jsonl", b'{"image": ' + b"[" * 100_000 + b"\n", "Line 1 of .* nested too deeply"),
        ("a.jsonl", b'{"image": "a"}\n[1]\n', "Line 2 of .* is not a JSON object"),
        ("a.jsonl", b'{"image": "a\0"}\n', "is not text: it holds zero bytes"),
        ("a.parquet", b"no parquet at all", "is not a readable parquet table"),
        ("a.parquet", b"", "is not a readable parquet table"),
    ],
)
def test_broken_files_are_reported(tmp_path: Path, name: str, content: bytes, problem: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DataError, match=problem):
        read_table_file(path)


def test_a_file_that_is_not_there_is_reported(tmp_path: Path) -> None:
    for name in ("a.csv", "a.jsonl", "a.parquet"):
        with pytest.raises(DataError, match="cannot be read"):
            column_names(tmp_path / name)


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16"])
def test_other_encodings_are_recognised_and_said(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("image,label\nä.jpg,schön\n".encode(encoding))
    assert columns(path) == {"image": ["ä.jpg"], "label": ["schön"]}
    assert column_names(path) == ["image", "label"]
    (event,) = read_table_file(path).events
    assert event[0] == "converted"
