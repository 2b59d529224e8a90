from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from headstart.core.dataset import Part
from headstart.core.errors import DataError
from headstart.data.box_checks import SWAPPED
from headstart.data.reader import ReadOptions
from headstart.data.reading import choose_reader
from headstart.data.voc import ONE_BASED, READER, ZERO_BASED
from tests.data.boxes import boxes_of, loaded, voc_xml, write_picture, write_text
from tests.data.pictures import items_of

ONE = [("dog", (5, 4, 14, 9))]


def write_voc(root: Path, stem: str, text: str) -> None:
    write_picture(root / "JPEGImages" / f"{stem}.jpg")
    write_text(root / "Annotations" / f"{stem}.xml", text)


def test_the_folders_of_voc(tmp_path: Path) -> None:
    for stem in ("a", "b", "c", "loose"):
        write_voc(tmp_path, stem, voc_xml(ONE))
    for word, stems in {"train": "a\n", "test": "b 1\nc\nlost\n", "dog_train": "b\n"}.items():
        write_text(tmp_path / "ImageSets" / "Main" / f"{word}.txt", stems)
    assert choose_reader(tmp_path, ReadOptions())[0] is READER
    dataset = loaded(tmp_path)
    assert dataset.given_parts == ("train", "test")
    assert boxes_of(dataset)["JPEGImages/a.jpg"] == [("dog", [4, 3, 14, 9])], "from pixels counted from 1"
    assert len(dataset.indices(Part.TEST)) == 2
    assert items_of(dataset.ledger, "none of the lists") == ("Annotations/loose.xml",)
    assert items_of(dataset.ledger, "there is no such picture") == ("lost",)
    assert items_of(dataset.ledger, ONE_BASED)


def test_flags_and_negatives(tmp_path: Path) -> None:
    write_voc(tmp_path / "VOCdevkit" / "VOC2007", "a", voc_xml(ONE * 1, extra="<difficult>1</difficult>"))
    write_voc(
        tmp_path / "VOCdevkit" / "VOC2007",
        "b",
        voc_xml([("cat", (0, 0, 9, 9))], extra="<truncated>1</truncated><pose>Left</pose>"),
    )
    write_voc(tmp_path / "VOCdevkit" / "VOC2007", "c", voc_xml([]))
    dataset = loaded(tmp_path / "VOCdevkit")
    first, second, third = dataset.targets
    assert first.ignored.tolist() == [True]
    assert second.truncated.tolist() == [True]
    assert second.xyxy.tolist() == [[0, 0, 9, 9]]
    assert len(third) == 0
    assert items_of(dataset.ledger, ZERO_BASED)


def test_xml_beside_pictures_in_parts(tmp_path: Path) -> None:
    for word in ("train", "valid"):
        write_picture(tmp_path / word / "a.jpg")
        write_text(tmp_path / word / "a.xml", voc_xml(ONE))
        write_picture(tmp_path / word / "b.jpg")
    dataset = loaded(tmp_path)
    assert dataset.given_parts == ("train", "valid")
    assert items_of(dataset.ledger, "has no xml file") == ("train/b.jpg", "valid/b.jpg")
    assert len(loaded(tmp_path / "train")) == 1


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    write_voc(tmp_path, "a", "<annotation>")
    write_voc(tmp_path, "b", "<html></html>")
    write_voc(tmp_path, "c", voc_xml([("", (1, 2, 3, 4)), ("dog", ("x", 2, 3, 4))]))
    write_voc(tmp_path, "d", "<annotation><object><name>dog</name></object></annotation>")
    with pytest.raises(DataError) as error:
        loaded(tmp_path)
    assert len(error.value.problems) == 5


def test_a_picture_in_two_parts_is_an_error(tmp_path: Path) -> None:
    write_voc(tmp_path, "a", voc_xml(ONE))
    for word in ("train", "val"):
        write_text(tmp_path / "ImageSets" / "Main" / f"{word}.txt", "a\n")
    with pytest.raises(DataError, match="a is in the lists train and val"):
        loaded(tmp_path)


def test_other_folders_are_not_taken(tmp_path: Path) -> None:
    write_picture(tmp_path / "dog" / "a.jpg")
    write_text(tmp_path / "notes.xml", "<a/>")
    assert READER.sniff(tmp_path) is None
    assert READER.sniff(tmp_path / "notes.xml") is None


def test_real_blood_cells(shared_data: Path) -> None:
    dataset = READER.read(shared_data / "bccd", ReadOptions())
    assert dataset.labels == ("Platelets", "RBC", "WBC")
    assert [len(dataset.indices(part)) for part in Part] == [205, 87, 72, 0]
    assert sum(map(len, dataset.targets)) == 4888
    assert all(np.isfinite(boxes.xyxy).all() for boxes in dataset.targets)


def test_problems_of_files_and_of_boxes_are_told_at_once(tmp_path: Path) -> None:
    write_voc(tmp_path, "a", voc_xml([("", (1, 2, 3, 4)), ("dog", (90, 2, 99, 4))]))
    write_voc(tmp_path, "b", voc_xml(ONE, (60, 60)))
    with pytest.raises(DataError) as error:
        loaded(tmp_path)
    assert error.value.problems == (
        "Annotations/a.xml: object 1 has no name.",
        "JPEGImages/a.jpg: object 1 lies outside its 40 x 30 pixels.",
        "JPEGImages/b.jpg: its boxes were drawn on a picture of 60 x 60 pixels, and it has 40 x 30.",
    )


def test_swapped_corners_are_put_in_order_before_pixels_are_counted_from_0(tmp_path: Path) -> None:
    write_voc(tmp_path, "a", voc_xml([("dog", (20, 15, 10, 5)), ("dog", (9, 12, 12, 9)), ("dog", (3, 3, 3, 3))]))
    dataset = loaded(tmp_path)
    boxes = [box for _, box in boxes_of(dataset)["JPEGImages/a.jpg"]]
    assert boxes == [[9, 4, 20, 15], [8, 8, 12, 12], [2, 2, 3, 3]]
    assert items_of(dataset.ledger, SWAPPED) == ("JPEGImages/a.jpg: object 1", "JPEGImages/a.jpg: object 2")
