from __future__ import annotations

from pathlib import Path

import pytest

from headstart.core.errors import DataError
from headstart.data.reader import ReadOptions
from headstart.data.reading import choose_reader
from headstart.data.yolo import NO_FILE, READER, read_description
from tests.data.boxes import boxes_of, loaded, write_picture, write_text
from tests.data.pictures import items_of


def write_yolo(root: Path, picture: str, text: str | None) -> None:
    write_picture(root / picture)
    if text is not None:
        write_text((root / picture.replace("images", "labels")).with_suffix(".txt"), text)


def test_folders_of_images_and_labels(tmp_path: Path) -> None:
    write_yolo(tmp_path, "images/train/a.png", "1 0.5 0.5 0.5 0.2\n0 0.1 0.1 0.2 0.2\n")
    write_yolo(tmp_path, "images/train/b.png", None)
    write_yolo(tmp_path, "images/val/c.png", "")
    text = "path: .\ntrain: images/train\nval: images/val\nnames:\n  0: zebra\n  1: ant\n"
    file = write_text(tmp_path / "data.yaml", text)
    for source in (tmp_path, file):
        assert choose_reader(source, ReadOptions())[0] is READER
        dataset = loaded(source)
    assert dataset.labels == ("zebra", "ant")
    assert dataset.given_parts == ("train", "val")
    assert boxes_of(dataset) == {
        "images/train/a.png": [("ant", [10, 12, 30, 18]), ("zebra", [0, 0, 8, 6])],
        "images/train/b.png": [],
        "images/val/c.png": [],
    }
    assert items_of(dataset.ledger, NO_FILE) == ("images/train/b.png",)


def test_places_one_level_too_high_as_roboflow_writes_them(tmp_path: Path) -> None:
    for word in ("train", "valid"):
        write_yolo(tmp_path / "set", f"{word}/images/{word}.png", "0 0.1 0.1 0.9 0.1 0.9 0.9\n")
    text = "train: ../train/images\nval: ../valid/images\nnc: 1\nnames: ['cell']\n"
    write_text(tmp_path / "set" / "data.yaml", text)
    dataset = loaded(tmp_path / "set")
    assert boxes_of(dataset)["train/images/train.png"] == [("cell", [4, 3, 36, 27])]
    assert len(items_of(dataset.ledger, "a place above")) == 2
    assert len(items_of(dataset.ledger, "an outline")) == 2


def test_a_list_of_pictures(tmp_path: Path) -> None:
    write_yolo(tmp_path, "images/a.png", "0 0.5 0.5 0.5 0.5")
    write_text(tmp_path / "train.txt", "./images/a.png\nimages/gone.png\n")
    write_text(tmp_path / "data.yml", "train: train.txt\nnames: [cell]\n")
    dataset = loaded(tmp_path)
    assert len(dataset) == 1
    assert items_of(dataset.ledger, "no such picture") == ("images/gone.png",)


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    lines = ["2 .5 .5 .1 .1", "0 .5 .5 .1", "0 50 50 9 9", "x 1 1 1 1", "0 nan 1 1 1", "0 .5 .5 .1 .1 .9"]
    write_yolo(tmp_path, "images/a.png", "\n".join(lines))
    write_text(tmp_path / "data.yaml", "train: images\nval: gone\nnames: [a, b]\n")
    with pytest.raises(DataError) as error:
        loaded(tmp_path)
    assert len(error.value.problems) == 7


def test_a_picture_of_two_parts_is_an_error(tmp_path: Path) -> None:
    write_yolo(tmp_path, "images/a.png", "0 .5 .5 .1 .1")
    write_text(tmp_path / "data.yaml", "train: images\nval: images\nnames: [a]\n")
    with pytest.raises(DataError, match="in train and val"):
        loaded(tmp_path)


def test_a_description_that_contradicts_itself(tmp_path: Path) -> None:
    file = write_text(tmp_path / "data.yaml", "train: a\nval: b\nvalid: c\nnc: 3\nnames: [a, a]\n")
    with pytest.raises(DataError) as error:
        read_description(file)
    assert len(error.value.problems) == 3
    with pytest.raises(DataError, match="not 0 to 1"):
        read_description(write_text(tmp_path / "data.yaml", "train: a\nnames: {1: a, 2: b}\n"))


def test_other_yaml_is_not_taken(tmp_path: Path) -> None:
    write_text(tmp_path / "a.yaml", "train: x\n")
    write_text(tmp_path / "b.yaml", "names: [")
    assert READER.sniff(tmp_path) is None
