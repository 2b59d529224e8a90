"""Pictures to predict that a table names."""

from __future__ import annotations

from pathlib import Path

import pytest

from headstart.core.errors import DataError
from headstart.data.inputs import input_column
from headstart.data.reader import ReadOptions
from tests.data.pictures import write_pictures


def test_a_table_names_pictures_as_in_training(tmp_path: Path) -> None:
    write_pictures(tmp_path, "new/images/a.png", "new/b.png", "c.png")
    table = tmp_path / "new" / "new.csv"
    table.write_text("file_name,label\nb.png,cat\na,\ngone.png,dog\n")
    column, _ = input_column(table)
    assert [column.name(row) for row in range(len(column))] == ["b.png", "images/a.png", "gone.png"]
    column, _ = input_column([tmp_path / "c.png", table])
    full = [str(tmp_path / name) for name in ("c.png", "new/b.png", "new/images/a.png", "new/gone.png")]
    assert [column.name(row) for row in range(4)] == full
    assert column.read(2) == (tmp_path / "new/images/a.png").read_bytes()


def test_a_table_may_have_its_own_column_and_folder(tmp_path: Path) -> None:
    write_pictures(tmp_path, "scans/a.png")
    table = tmp_path / "list.tsv"
    table.write_text("slide\tnote\na.png\tleft\n")
    with pytest.raises(DataError, match="no column of pictures or texts: it has slide, note"):
        input_column(table)
    column, _ = input_column(table, ReadOptions(image="slide", image_folder=str(tmp_path / "scans")))
    assert column.read(0) == (tmp_path / "scans" / "a.png").read_bytes()


def test_rows_of_a_table_that_name_no_picture_are_told(tmp_path: Path) -> None:
    table = tmp_path / "list.csv"
    table.write_text("image,label\na.png,x\n,y\nb.png,x\n,z\n")
    with pytest.raises(DataError, match="name no picture: row 2, row 4"):
        input_column(table)
    table.write_text("image,label\n")
    with pytest.raises(DataError, match="No picture found in"):
        input_column(table)
