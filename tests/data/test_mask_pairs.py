from __future__ import annotations

from pathlib import Path

import pytest

from headstart.data.mask_pairs import Place, find_places, match, share_names
from tests.data.pictures import write_pictures


@pytest.mark.parametrize(
    ("files", "places"),
    [
        (("images/a.jpg", "masks/a.png"), [Place("", "images", "masks")]),
        (("JPEGImages/a.jpg", "SegmentationClass/a.png"), [Place("", "JPEGImages", "SegmentationClass")]),
        (
            ("train/images/a.jpg", "train/labels/a.png", "val/images/b.jpg", "val/labels/b.png"),
            [Place("train", "train/images", "train/labels"), Place("val", "val/images", "val/labels")],
        ),
        (
            ("train/a.png", "trainannot/a.png", "test/b.png", "testannot/b.png"),
            [Place("train", "train", "trainannot"), Place("test", "test", "testannot")],
        ),
        (("train/a.png", "train_labels/a.png", "extra/b.png"), [Place("train", "train", "train_labels")]),
        (("images/train/a.jpg", "masks/train/a.png"), [Place("", "images", "masks")]),
        (("cats/a.jpg", "dogs/b.jpg"), []),
        (("images/a.jpg", "other/a.jpg"), []),
    ],
)
def test_places(tmp_path: Path, files: tuple[str, ...], places: list[Place]) -> None:
    write_pictures(tmp_path, *files)
    assert find_places(tmp_path) == places


def test_boxes_in_text_files_are_no_masks(tmp_path: Path) -> None:
    write_pictures(tmp_path, "train/images/a.jpg")
    (tmp_path / "train" / "labels").mkdir()
    (tmp_path / "train" / "labels" / "a.txt").write_text("0 .5 .5 .1 .1")
    assert find_places(tmp_path) == []


def test_pairs_by_name_and_what_has_no_partner(tmp_path: Path) -> None:
    write_pictures(tmp_path, "images/a.jpg", "images/b.jpg", "images/b.png", "masks/b.png", "masks/c.png")
    pairs = match(tmp_path, find_places(tmp_path))
    assert (pairs.images, pairs.masks, pairs.words) == (["images/b.jpg"], ["masks/b.png"], [""])
    assert pairs.lacking == 2
    assert {item for _, _, item in pairs.events} == {"images/a.jpg", "images/b.png", "masks/c.png"}


def test_folders_of_a_split_inside(tmp_path: Path) -> None:
    files = ("training/x/a", "training/b", "validation/c")
    write_pictures(tmp_path, *(f"images/{name}.jpg" for name in files), *(f"annotations/{name}.png" for name in files))
    pairs = match(tmp_path, find_places(tmp_path))
    assert dict(zip(pairs.images, pairs.words, strict=True)) == {
        "images/training/b.jpg": "training",
        "images/training/x/a.jpg": "training",
        "images/validation/c.jpg": "validation",
    }


@pytest.mark.parametrize(
    ("image", "mask"),
    [("a{}", "a{}_mask"), ("{}_left", "{}_gt_ids"), ("img_{}", "label_{}"), ("{}", "{}.lab")],
)
def test_names_with_a_common_ending_or_beginning(tmp_path: Path, image: str, mask: str) -> None:
    write_pictures(tmp_path, *(f"images/{image}.jpg".format(n) for n in (1, 2, 13)))
    for number in (1, 2, 13):
        write_pictures(tmp_path, f"masks/{mask}.png".format(number))
    (place,) = find_places(tmp_path)
    assert share_names(tmp_path, place)
    pairs = match(tmp_path, [place])
    assert len(pairs) == 3
    assert [action for action, _, _ in pairs.events] == ["noted"]


def test_other_names_are_no_pairs(tmp_path: Path) -> None:
    write_pictures(tmp_path, "images/a.jpg", "masks/b.jpg")
    (place,) = find_places(tmp_path)
    assert not share_names(tmp_path, place)
