from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet
import pytest

from headstart.core.errors import DataError
from headstart.data.reader import ReadOptions
from headstart.data.reading import choose_reader, read
from headstart.data.table_file import class_names
from headstart.data.token_table import READER
from tests.data.tagged import entities_of, reasons, texts_of

DEFAULT = ReadOptions()
TOKENS = [{"tokens": ["Ada", "saw", "Rome"], "tags": ["B-PER", "O", "B-LOC"]}, {"tokens": ["Rain"], "tags": ["O"]}]
SPANS = [
    {
        "text": "Ada saw Rome",
        "entities": [{"start": 0, "end": 3, "label": "PER"}, {"start": 8, "end": 12, "label": "LOC"}],
    }
]


def written(folder: Path, rows: list[Any], name: str = "t.jsonl", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes("\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode(encoding))
    return path


@pytest.mark.parametrize("rows", [TOKENS, SPANS])
def test_both_forms(tmp_path: Path, rows: list[Any]) -> None:
    path = written(tmp_path, rows)
    assert choose_reader(path, DEFAULT)[0] is READER
    dataset = read(path, DEFAULT)
    assert texts_of(dataset)[0] == "Ada saw Rome"
    assert entities_of(dataset, 0) == [("PER", "Ada"), ("LOC", "Rome")]


def test_parquet_with_the_names_of_its_numbers(tmp_path: Path) -> None:
    feature = {"feature": {"names": ["O", "B-PER", "B-LOC"], "_type": "ClassLabel"}, "_type": "List"}
    metadata = {b"huggingface": json.dumps({"info": {"features": {"ner_tags": feature}}}).encode()}
    table = pa.table({"tokens": [["Ada", "saw"], ["Rome"]], "ner_tags": [[1, 0], [2]]}).replace_schema_metadata(
        metadata
    )
    pa.parquet.write_table(table, tmp_path / "t.parquet")
    assert choose_reader(tmp_path / "t.parquet", DEFAULT)[0] is READER
    assert entities_of(read(tmp_path / "t.parquet", DEFAULT), 1) == [("LOC", "Rome")]
    assert class_names(None) == {}


def test_parts_and_encodings(tmp_path: Path) -> None:
    written(tmp_path, TOKENS, "train.jsonl")
    written(tmp_path, [{"tokens": ["北", "京"], "tags": ["B-LOC", "I-LOC"]}], "dev.jsonl", "utf-16")
    dataset = read(tmp_path, DEFAULT)
    assert dataset.given_parts == ("train", "dev")
    assert texts_of(dataset)[2] == "北京"
    assert reasons(dataset) == ["converted: its bytes were read as UTF-16"]


@pytest.mark.parametrize(
    "row",
    [
        {"text": "a", "label": "x"},
        {"image": "a.jpg", "tags": ["x"]},
        {"text": "a", "labels": ["x", "y"]},
        {"tokens": ["a"]},
    ],
)
def test_tables_that_look_alike(tmp_path: Path, row: dict[str, Any]) -> None:
    assert READER.sniff(written(tmp_path, [row])) is None
    (tmp_path / "t.csv").write_text("tokens,tags\na,O\n")
    assert READER.sniff(tmp_path / "t.csv") is None
    assert READER.sniff("hub/name") is None


def test_files_that_cannot_be_used_say_why(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="No word of .* is in an entity"):
        read(written(tmp_path, TOKENS[1:]), DEFAULT)
    (tmp_path / "t.jsonl").write_text('{"tokens": ["a"], "tags": ["O"]}\n{broken\n')
    with pytest.raises(DataError, match="Line 2 of .* is not JSON"):
        read(tmp_path / "t.jsonl", ReadOptions(reader="token-table"))
    (tmp_path / "t.parquet").write_bytes(b"PAR1")
    with pytest.raises(DataError, match="not a readable parquet table"):
        read(tmp_path / "t.parquet", ReadOptions(reader="token-table"))


def test_columns_that_the_user_names(tmp_path: Path) -> None:
    path = written(tmp_path, [{"w": ["Ada"], "t": ["B-PER"], "text": "Ada", "label": "x"}])
    named = ReadOptions(text="w", label="t")
    assert choose_reader(path, named)[0] is READER
    assert entities_of(read(path, named), 0) == [("PER", "Ada")]
    assert choose_reader(path, ReadOptions(text="text"))[0] is not READER
