from __future__ import annotations

from pathlib import Path

import pytest

from headstart.core.errors import DataError
from headstart.data.reader import ReadOptions
from headstart.data.table_reader import names_of, tables_in
from headstart.data.text_table import READER


def test_tables_of_a_folder_by_their_part(tmp_path: Path) -> None:
    (tmp_path / "only.csv").write_text("text,label\n")
    assert tables_in(tmp_path) == {"": tmp_path / "only.csv"}
    (tmp_path / "train.csv").write_text("text,label\n")
    assert tables_in(tmp_path) == {"train": tmp_path / "train.csv"}


def test_names_of_a_table_that_cannot_be_read_are_none(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"x")
    assert names_of(tmp_path / "a.parquet") == ()


def test_a_part_without_labels_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_text("text,label\na,x\nb,y\n")
    (tmp_path / "test.csv").write_text("text\nc\n")
    dataset = READER.read(tmp_path, ReadOptions())
    assert dataset.given_parts == ("train",)
    (tmp_path / "train.csv").write_text("text\na\n")
    with pytest.raises(DataError, match="has a label column"):
        READER.read(tmp_path, ReadOptions())
    with pytest.raises(DataError, match="does not exist"):
        READER.read(tmp_path / "no", ReadOptions())
