from __future__ import annotations

from pathlib import Path

import pytest

from headstart.data.yolo_labels import LabelFiles, is_file
from tests.data.boxes import write_text


@pytest.mark.parametrize(
    ("picture", "there", "expected"),
    [
        ("set/images/a.png", "set/labels/a.txt", "set/labels/a.txt"),
        ("set/images/a.b.png", "set/labels/a.b.txt", "set/labels/a.b.txt"),
        ("set/images/a.png", "set/images/a.txt", "set/images/a.txt"),
        ("set/images/a.png", "", "set/labels/a.txt"),
        ("set/train/a.png", "", "set/train/a.txt"),
        ("set/images/x/Images/a.png", "set/images/x/LABELS/a.txt", "set/images/x/LABELS/a.txt"),
        ("set/train/a.png", "labels/set/train/a.txt", "set/train/a.txt"),
    ],
)
def test_the_file_of_a_picture(tmp_path: Path, picture: str, there: str, expected: str) -> None:
    if there:
        write_text(tmp_path / there, "")
    assert LabelFiles([tmp_path / "set"]).of(tmp_path / picture) == tmp_path / expected


def test_above_the_root_only_what_is_there_counts(tmp_path: Path) -> None:
    files = LabelFiles([tmp_path / "images"])
    assert files.of(tmp_path / "images" / "train" / "a.png") == tmp_path / "images" / "train" / "a.txt"
    write_text(tmp_path / "labels" / "train" / "b.txt", "")
    assert files.of(tmp_path / "images" / "train" / "b.png") == tmp_path / "labels" / "train" / "b.txt"


def test_lonely_files_of_labels(tmp_path: Path) -> None:
    for name in ("a", "b", "classes", "lonely"):
        write_text(tmp_path / "labels" / f"{name}.txt", "")
    for name in ("a.png", "b.jpg"):
        write_text(tmp_path / "images" / name, "")
    events = LabelFiles([tmp_path]).lonely([tmp_path / "images" / "a.png"], tmp_path)
    assert [item for _, _, item in events] == ["labels/lonely.txt"]


def test_what_no_disk_can_hold_is_no_file(tmp_path: Path) -> None:
    assert not is_file(tmp_path / ("x" * 5000))
    assert not is_file(tmp_path)
