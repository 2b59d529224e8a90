from __future__ import annotations

from pathlib import Path

import pytest

from headstart.core.errors import DataError
from headstart.data.reader import ReadOptions
from headstart.data.reading import choose_reader
from headstart.data.yolo import NO_FILE, OTHER_FILE, READER, read_description
from headstart.data.yolo_labels import NO_PICTURE
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


@pytest.mark.parametrize("above", ["set", "images/set", "Images"])
@pytest.mark.parametrize(
    ("pictures", "labels"),
    [
        ("images/train", "images/train"),
        ("images/train", "labels/train"),
        ("train", "train"),
        ("train/images", "train/labels"),
        ("Images/train", "Labels/train"),
        ("IMAGES", "labels"),
        ("images/train", "Labels/train"),
        ("images/images", "images/labels"),
    ],
)
def test_labels_beside_the_last_folder_of_images_or_beside_the_pictures(
    tmp_path: Path, above: str, pictures: str, labels: str
) -> None:
    root = tmp_path / above
    write_picture(root / pictures / "a.png")
    write_text(root / labels / "a.txt", "0 .5 .5 .5 .5")
    write_text(root / "data.yaml", f"train: {pictures}\nnames: [cell]\n")
    dataset = loaded(root)
    assert boxes_of(dataset) == {f"{pictures}/a.png": [("cell", [10, 7.5, 30, 22.5])]}
    assert not dataset.ledger.lines


def test_labels_of_pictures_elsewhere(tmp_path: Path) -> None:
    write_yolo(tmp_path / "coco", "images/train/a.png", "0 .5 .5 .5 .5")
    write_text(tmp_path / "data.yaml", f"train: {tmp_path / 'coco' / 'images' / 'train'}\nnames: [cell]\n")
    assert len(loaded(tmp_path).targets[0]) == 1
    write_text(tmp_path / "data.yaml", "path: coco/images\ntrain: train\nnames: [cell]\n")
    assert len(loaded(tmp_path).targets[0]) == 1


def test_labels_without_a_picture_are_in_the_ledger(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_yolo(tmp_path, f"images/train/{name}.png", "0 .5 .5 .5 .5")
    for name in ("classes", "lonely"):
        write_text(tmp_path / "labels" / "train" / f"{name}.txt", "0 .5 .5 .5 .5")
    write_text(tmp_path / "list.txt", "images/train/a.png\n")
    for place in ("images/train", "list.txt"):
        write_text(tmp_path / "data.yaml", f"train: {place}\nnames: [cell]\n")
        assert items_of(loaded(tmp_path).ledger, NO_PICTURE) == ("labels/train/lonely.txt",)


def test_text_beside_the_pictures_that_is_no_file_of_labels(tmp_path: Path) -> None:
    write_picture(tmp_path / "train" / "a.png")
    for name in ("a", "notes"):
        write_text(tmp_path / "train" / f"{name}.txt", "0 .5 .5 .5 .5")
    write_text(tmp_path / "data.yaml", "train: train\nnames: [cell]\n")
    assert items_of(loaded(tmp_path).ledger, OTHER_FILE) == ("notes.txt",)


def test_lists_in_any_encoding(tmp_path: Path) -> None:
    write_yolo(tmp_path, "images/猫.png", "0 .5 .5 .5 .5")
    write_text(tmp_path / "data.yaml", "train: train.txt\nnames: [cell]\n")
    (tmp_path / "train.txt").write_bytes("images/猫.png\nimages/狗.png\n".encode("gbk"))
    dataset = loaded(tmp_path)
    assert len(dataset) == 1
    assert items_of(dataset.ledger, "no such picture") == ("images/狗.png",)


def test_places_that_are_neither_folders_nor_lists(tmp_path: Path) -> None:
    write_yolo(tmp_path, "images/a.png", "0 .5 .5 .5 .5")
    (tmp_path / "x.bin").write_bytes(b"\0\xff\0")
    write_text(tmp_path / "y.txt", "z" * 5000 + ".png")
    text = f"train: [images/a.png, x.bin, y.txt, {'z' * 5000}, ~nobody-of-this-name/x]\nnames: [a]\n"
    write_text(tmp_path / "data.yaml", text)
    with pytest.raises(DataError) as error:
        loaded(tmp_path)
    assert error.value.problems[:2] == (
        "data.yaml: train is images/a.png, a picture: a folder of pictures, or a text file that lists them, is due.",
        f"data.yaml: train is x.bin: {tmp_path / 'x.bin'} is not text: it holds zero bytes, as no text does.",
    )
    assert len(error.value.problems) == 4


def test_problems_of_files_and_of_boxes_are_told_at_once(tmp_path: Path) -> None:
    write_yolo(tmp_path, "images/a.png", "0 1.5 1.5 .2 .2\n9 .5 .5 .2 .2")
    write_text(tmp_path / "data.yaml", "train: images\nnames: [a]\n")
    with pytest.raises(DataError) as error:
        loaded(tmp_path)
    assert error.value.problems == (
        "images/a.txt: line 2 is of class 9, and classes go from 0 to 0.".replace("images", "labels"),
        "images/a.png: line 1 lies outside its 40 x 30 pixels.",
    )


def test_classes_without_a_name(tmp_path: Path) -> None:
    file = write_text(tmp_path / "data.yaml", 'train: a\nnames: [a, "", null, "\\uD800", no]\n')
    with pytest.raises(DataError) as error:
        read_description(file)
    assert [problem[:19] for problem in error.value.problems] == [f"data.yaml: class {n} " for n in (1, 2, 3)]


@pytest.mark.parametrize("text", ["a: 2001-99-99", "[" * 5000])
def test_yaml_that_is_broken_in_odd_ways_is_not_taken(tmp_path: Path, text: str) -> None:
    write_text(tmp_path / "a.yaml", text)
    assert READER.sniff(tmp_path) is None


def test_a_place_that_is_no_path(tmp_path: Path) -> None:
    file = write_text(tmp_path / "data.yaml", 'train: ["\\uD800", a]\nnames: [a]\n')
    with pytest.raises(DataError, match=r"train is '\\ud800', and that is no path"):
        read_description(file)
