from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest

from headstart.core.dataset import Part
from headstart.core.errors import DataError
from headstart.data.image_table import READER
from headstart.data.reader import ReadOptions
from headstart.data.table_reader import NOT_USED
from tests.data.pictures import items_of, labels_of, names_of, write_pictures

DEFAULT = ReadOptions()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_pictures(tmp_path, "a.jpg", "b.jpg", "images/c.jpg", "t/d.jpg")
    return tmp_path


def test_a_csv_file(folder: Path) -> None:
    path = folder / "t.csv"
    path.write_text("filename,category\na.jpg,cat\nc.jpg,dog\nd.jpg,dog\n")
    assert READER.sniff(path) == "t.csv is a table"
    dataset = READER.read(path, DEFAULT)
    assert names_of(dataset) == ["a.jpg", "images/c.jpg", "t/d.jpg"], "also in images/ and in the folder named like it"
    assert labels_of(dataset) == ["cat", "dog", "dog"]
    assert set(dataset.parts) == {Part.UNASSIGNED}
    assert dataset.source == str(path)


def test_jsonl_with_lists_and_parquet_with_numbers(folder: Path) -> None:
    (folder / "t.jsonl").write_text('{"path": "a.jpg", "labels": ["x", "y"]}\n{"path": "b.jpg", "labels": []}\n')
    assert labels_of(READER.read(folder / "t.jsonl", DEFAULT)) == [("x", "y"), ()]
    pa.parquet.write_table(pa.table({"image_path": ["a.jpg", "b.jpg"], "target": [10, 9]}), folder / "t.parquet")
    dataset = READER.read(folder / "t.parquet", DEFAULT)
    assert dataset.labels == ("9", "10")
    assert labels_of(dataset) == ["10", "9"]


def test_a_folder_of_split_tables(folder: Path) -> None:
    write_pictures(folder, "test/e.jpg")
    (folder / "train.csv").write_text("image,label,patient\na.jpg,x,p1\nb.jpg,y,p2\n")
    (folder / "val.csv").write_text("image,label\nimages/c.jpg,x\n")
    (folder / "test.csv").write_text("image,label\ne.jpg,z\n")
    (folder / "submission.csv").write_text("image,label\ne.jpg,0\n")
    assert READER.sniff(folder) == "test.csv, train.csv, val.csv names pictures"
    dataset = READER.read(folder, DEFAULT)
    assert names_of(dataset) == ["a.jpg", "b.jpg", "images/c.jpg", "test/e.jpg"]
    assert labels_of(dataset) == ["x", "y", "x", "z"]
    assert dataset.parts.tolist() == [Part.TRAIN, Part.TRAIN, Part.VALIDATION, Part.TEST]
    assert dataset.given_parts == ("train", "val", "test")
    assert dataset.groups is not None
    assert [dataset.group_names[group] for group in dataset.groups] == [
        "p1",
        "p2",
        "(no group) images/c.jpg",
        "(no group) test/e.jpg",
    ]
    assert items_of(dataset.ledger, NOT_USED) == ("submission.csv",)


def test_a_test_table_without_labels_is_left_out(folder: Path) -> None:
    (folder / "train.csv").write_text("image,label\na.jpg,x\nb.jpg,y\n")
    (folder / "test.csv").write_text("image\nimages/c.jpg\n")
    dataset = READER.read(folder, DEFAULT)
    assert dataset.given_parts == ("train",)
    assert items_of(dataset.ledger, "has no column of labels") == ("test.csv",)


def test_a_single_table_in_a_folder(folder: Path) -> None:
    (folder / "labels.csv").write_text("image,label\na.jpg,x\nb.jpg,y\n")
    assert READER.sniff(folder) == "labels.csv names pictures"
    assert labels_of(READER.read(folder, DEFAULT)) == ["x", "y"]


def test_tables_of_text_are_left_to_others(folder: Path) -> None:
    (folder / "train.csv").write_text("text,label\nhello,x\n")
    assert READER.sniff(folder) is None
    (folder / "train.csv").write_bytes(b"\xff\xfe\x00")
    assert READER.sniff(folder) is None


def test_other_sources_are_not_taken(folder: Path) -> None:
    for source in (folder, folder / "a.jpg", folder / "gone.csv", 7):
        assert READER.sniff(source) is None
    (folder / "one.csv").write_text("image,label\n")
    (folder / "two.csv").write_text("image,label\n")
    assert READER.sniff(folder) is None
    with pytest.raises(DataError, match="several that are not called train"):
        READER.read(folder, DEFAULT)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("image,label\n", "has no rows"),
        ("image,kind\na.jpg,x\n", "has no column of labels: it has image, kind"),
        ("picture,label\na.jpg,x\n", "has no column of pictures or texts: it has picture, label"),
        ("image,label\ngone1.jpg,x\ngone2.jpg,y\na.jpg,x\n", "2 of the 3 pictures named in t.csv do not exist"),
        ("image,label,split\na.jpg,x,holdout\n", "Column 'split' of t.csv holds 'holdout'"),
    ],
)
def test_tables_that_cannot_be_used(folder: Path, content: str, problem: str) -> None:
    (folder / "t.csv").write_text(content)
    with pytest.raises(DataError, match=problem):
        READER.read(folder / "t.csv", DEFAULT)


def test_tables_without_labels_everywhere(folder: Path) -> None:
    (folder / "train.csv").write_text("image\na.jpg\n")
    with pytest.raises(DataError, match=r"None of train\.csv in .* has a label column") as caught:
        READER.read(folder, DEFAULT)
    with pytest.raises(DataError, match="does not exist"):
        READER.read(folder / "gone.csv", DEFAULT)
    assert "--label-column" in str(caught.value.hint)
