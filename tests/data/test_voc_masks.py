from __future__ import annotations

from pathlib import Path

import pytest

from headstart.core.dataset import Part
from headstart.core.errors import DataError
from headstart.data.reader import ReadOptions
from headstart.data.reading import choose_reader
from headstart.data.voc_masks import READER
from tests.data.mask_files import write_pairs
from tests.data.pictures import names_of, reasons


def voc(root: Path, *names: str, **lists: str) -> Path:
    write_pairs(root, *names, values=(0, 1, 255), images="JPEGImages", masks="SegmentationClass")
    folder = root / "ImageSets" / "Segmentation"
    folder.mkdir(parents=True)
    for word, text in lists.items():
        (folder / f"{word}.txt").write_text(text)
    return root


def test_lists_make_the_parts(tmp_path: Path) -> None:
    voc(tmp_path, *"abcd", train="a\nb\n", val="c\n", trainval="a\nb\nc\n")
    assert choose_reader(tmp_path, ReadOptions())[0] is READER
    dataset = READER.read(tmp_path, ReadOptions())
    assert names_of(dataset) == ["JPEGImages/a.png", "JPEGImages/b.png", "JPEGImages/c.png"]
    assert dataset.parts.tolist() == [Part.TRAIN, Part.TRAIN, Part.VALIDATION]
    assert dataset.labels == ("0", "1")
    assert reasons(dataset.ledger)["skipped: a mask that no list names"] == ("SegmentationClass/d.png",)


def test_names_that_lead_nowhere_or_come_twice(tmp_path: Path) -> None:
    voc(tmp_path, *"abcd", train="a\nb\nb\nx\n", val="c\na\n")
    dataset = READER.read(tmp_path, ReadOptions())
    found = reasons(dataset.ledger)
    assert found["skipped: named twice in one list"] == ("b",)
    assert found["skipped: named in train and again in val: stays in the first"] == ("a",)
    assert found["skipped: named in train.txt, but there is no such picture"] == ("x",)


def test_most_names_lead_nowhere(tmp_path: Path) -> None:
    voc(tmp_path, "a", train="a\nx\ny\n")
    with pytest.raises(DataError, match="no such picture"):
        READER.read(tmp_path, ReadOptions())


def test_without_lists_the_folders_are_read(tmp_path: Path) -> None:
    write_pairs(tmp_path, "a", images="JPEGImages", masks="SegmentationClass")
    assert READER.sniff(tmp_path) is None
    assert choose_reader(tmp_path, ReadOptions())[0].name == "mask-folder"
    with pytest.raises(DataError, match="no lists"):
        READER.read(tmp_path, ReadOptions())
