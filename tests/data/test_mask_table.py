from __future__ import annotations

from pathlib import Path

import pytest

from headstart.core.dataset import Part
from headstart.core.errors import DataError
from headstart.data.mask_table import READER
from headstart.data.reader import ReadOptions
from headstart.data.reading import choose_reader, read
from tests.data.mask_files import write_pairs
from tests.data.pictures import names_of, reasons


def test_pictures_and_masks_in_rows(tmp_path: Path) -> None:
    write_pairs(tmp_path, *"abcd", images="x", masks="y")
    lines = ["image,mask,split", *(f"x/{n}.png,y/{n}.png,{'test' if n == 'd' else 'train'}" for n in "abcd")]
    table = tmp_path / "pairs.csv"
    table.write_text("\n".join(lines))
    assert choose_reader(table, ReadOptions())[0] is READER
    dataset = READER.read(table, ReadOptions())
    assert names_of(dataset) == [f"x/{n}.png" for n in "abcd"]
    assert dataset.parts.tolist() == [Part.TRAIN] * 3 + [Part.TEST]
    assert dataset.given_parts == ("train", "test")


def test_tables_of_a_split(tmp_path: Path) -> None:
    write_pairs(tmp_path, *"ab")
    for word, name in (("train", "a"), ("test", "b")):
        (tmp_path / f"{word}.csv").write_text(f"image,mask\nimages/{name}.png,masks/{name}.png\n")
    assert read(tmp_path / "train.csv", ReadOptions()).labels == ("0", "1", "2")
    dataset = READER.read(tmp_path, ReadOptions())
    assert dataset.given_parts == ("train", "test")


def test_rows_that_lead_nowhere(tmp_path: Path) -> None:
    write_pairs(tmp_path, *"abcde")
    rows = [f"images/{n}.png,masks/{n}.png" for n in "abcde"]
    rows[1] = "images/b.png,masks/none.png"
    rows[2] = "images/c.png,"
    (tmp_path / "t.csv").write_text("\n".join(["image,mask", *rows]))
    dataset = READER.read(tmp_path / "t.csv", ReadOptions())
    assert len(dataset) == 3
    found = reasons(dataset.ledger)
    assert found["skipped: there is no such mask"] == ("masks/none.png",)
    assert found["skipped: names no mask"] == ("row 3",)


def test_a_column_by_its_name(tmp_path: Path) -> None:
    write_pairs(tmp_path, "a")
    (tmp_path / "t.csv").write_text("image,label\nimages/a.png,masks/a.png\n")
    assert READER.sniff(tmp_path / "t.csv") is None
    assert read(tmp_path / "t.csv", ReadOptions(mask="label")).task == "semantic-segmentation"
    with pytest.raises(DataError, match="no column 'other'"):
        READER.read(tmp_path / "t.csv", ReadOptions(mask="other"))
