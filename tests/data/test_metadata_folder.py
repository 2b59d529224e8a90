from __future__ import annotations

from pathlib import Path

import pytest

from headstart.core.dataset import Part
from headstart.core.errors import DataError
from headstart.data.metadata_folder import READER, UNLISTED
from headstart.data.reader import ReadOptions
from tests.data.pictures import items_of, labels_of, names_of, write_pictures

DEFAULT = ReadOptions()


def test_metadata_at_the_root(tmp_path: Path) -> None:
    write_pictures(tmp_path, "train/1.jpg", "train/2.jpg", "test/3.jpg", "test/4.jpg")
    (tmp_path / "metadata.csv").write_text("file_name,label\ntrain/1.jpg,x\ntest/3.jpg,y\ntrain/2.jpg,y\n")
    assert READER.sniff(tmp_path) == "it holds metadata.csv"
    dataset = READER.read(tmp_path, DEFAULT)
    assert names_of(dataset) == ["train/1.jpg", "test/3.jpg", "train/2.jpg"]
    assert labels_of(dataset) == ["x", "y", "y"]
    assert items_of(dataset.ledger, UNLISTED) == ("test/4.jpg",)


def test_metadata_in_each_part(tmp_path: Path) -> None:
    write_pictures(tmp_path, "train/1.jpg", "train/in/2.jpg", "validation/3.jpg", "validation/4.jpg")
    (tmp_path / "train" / "metadata.jsonl").write_text(
        '{"file_name": "1.jpg", "label": "x", "patient": "p"}\n'
        '{"file_name": "in/2.jpg", "label": "y", "patient": "q"}\n'
    )
    (tmp_path / "validation" / "metadata.csv").write_text("file_name,label,patient\n3.jpg,x,r\n")
    dataset = READER.read(tmp_path, DEFAULT)
    assert names_of(dataset) == ["train/1.jpg", "train/in/2.jpg", "validation/3.jpg"]
    assert dataset.parts.tolist() == [Part.TRAIN, Part.TRAIN, Part.VALIDATION]
    assert dataset.given_parts == ("train", "validation")
    assert dataset.group_names == ("p", "q", "r")
    assert items_of(dataset.ledger, UNLISTED) == ("validation/4.jpg",)
    assert dataset.source == str(tmp_path)


def test_one_part_alone_has_its_unlisted_pictures_reported(tmp_path: Path) -> None:
    write_pictures(tmp_path, "train/1.jpg", "train/2.jpg", "train/3.jpg", "other/4.jpg")
    (tmp_path / "train" / "metadata.csv").write_text("file_name,label\n1.jpg,x\n2.jpg,y\n")
    dataset = READER.read(tmp_path, DEFAULT)
    assert items_of(dataset.ledger, UNLISTED) == ("other/4.jpg", "train/3.jpg")


def test_folders_are_classes_where_the_metadata_have_no_labels(tmp_path: Path) -> None:
    write_pictures(tmp_path, "train/x/1.jpg", "test/y/2.jpg", "train/y/3.jpg")
    (tmp_path / "metadata.csv").write_text("file_name,patient\ntrain/x/1.jpg,p\ntest/y/2.jpg,q\ntrain/y/3.jpg,q\n")
    dataset = READER.read(tmp_path, DEFAULT)
    assert labels_of(dataset) == ["x", "y", "y"]
    assert dataset.group_names == ("p", "q")
    assert items_of(dataset.ledger, "each picture's folder is its class") == ("metadata.csv",)


def test_no_labels_anywhere_is_an_error(tmp_path: Path) -> None:
    write_pictures(tmp_path, "1.jpg")
    (tmp_path / "metadata.csv").write_text("file_name,caption\n1.jpg,hello\n")
    with pytest.raises(DataError, match="has no column of labels, only file_name, caption"):
        READER.read(tmp_path, DEFAULT)


def test_folders_without_metadata_are_not_taken(tmp_path: Path) -> None:
    write_pictures(tmp_path, "train/x/1.jpg")
    for source in (tmp_path, tmp_path / "train" / "x" / "1.jpg", tmp_path / "gone", 1):
        assert READER.sniff(source) is None
        with pytest.raises(DataError, match=r"holds no metadata\.csv"):
            READER.read(source, DEFAULT)
