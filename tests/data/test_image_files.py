from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from headstart.core.errors import DataError
from headstart.data.image_files import locate, report_missing
from tests.data.pictures import write_pictures


def test_files_are_found_in_the_root_and_the_folders_beside(tmp_path: Path) -> None:
    write_pictures(
        tmp_path, "root/a.jpg", "root/images/b.jpg", "root/images/deep/c.jpg", "other/d.jpg", "root/images/a.jpg"
    )
    root = tmp_path / "root"
    names = [
        "a.jpg",
        "b.jpg",
        "deep/c.jpg",
        "d.jpg",
        str(tmp_path / "other" / "d.jpg"),
        "gone.jpg",
        None,
        "../other/d.jpg",
    ]
    located = locate(names, root=root, also=[root / "images", tmp_path / "other"], place="t.csv")
    assert located.found.tolist() == [True, True, True, True, True, False, False, True]
    found = [path for path, there in zip(located.paths.to_pylist(), located.found, strict=True) if there]
    assert found[:3] == ["a.jpg", "images/b.jpg", "images/deep/c.jpg"], "the root comes first"
    assert all((root / path).is_file() for path in found)
    assert located.paths.to_pylist()[5] == "gone.jpg"
    assert located.events == ()


def test_other_spellings_of_a_path_are_repaired(tmp_path: Path) -> None:
    write_pictures(tmp_path, "in/a.jpg", "ISIC_1.JPG", "ISIC_1.png", "b.txt")
    located = locate(["in\\a.jpg", "ISIC_1", "b"], root=tmp_path, also=[], place="t.csv")
    assert located.found.tolist() == [True, True, False]
    assert located.paths.to_pylist()[:2] == ["in\\a.jpg".replace("\\", "/"), "ISIC_1.JPG"]
    assert located.events == (
        ("repaired", "names are written without the pictures' suffix", "t.csv"),
        ("repaired", "paths are written with backslashes", "t.csv"),
    )


def test_the_disk_decides_about_case(tmp_path: Path) -> None:
    write_pictures(tmp_path, "a.JPG")
    there = (tmp_path / "A.jpg").is_file()
    assert locate(["A.jpg"], root=tmp_path, also=[], place="t.csv").found.tolist() == [there]


def test_hidden_files_can_be_named(tmp_path: Path) -> None:
    write_pictures(tmp_path, ".a.jpg")
    assert locate([".a.jpg"], root=tmp_path, also=[], place="t.csv").found.tolist() == [True]


def test_a_few_missing_files_are_events() -> None:
    found = np.array([True, False, True, True])
    events = report_missing(["a", "b", "c", "d"], found, root=Path("root"), place="t.csv")
    assert events == [("skipped", "named in t.csv, but there is no such file", "b")]
    assert report_missing(["a", None, "c"], np.array([True, False, True]), root=Path("root"), place="t.csv") == []


def test_many_missing_files_are_one_error_that_lists_ten() -> None:
    names = [f"{number}.jpg" for number in range(25)]
    with pytest.raises(DataError) as error:
        report_missing(names, np.arange(25) < 5, root=Path("root"), place="t.csv")
    assert "20 of the 25 pictures named in t.csv do not exist: 5.jpg, 6.jpg" in str(error.value)
    assert "14.jpg, ..." in str(error.value)
    assert "15.jpg" not in str(error.value)
    assert "Relative paths start at root" in str(error.value)


def test_addresses_on_the_web_are_recognised() -> None:
    with pytest.raises(DataError, match="download the pictures first"):
        report_missing(["https://example.org/a.jpg"], np.array([False]), root=Path("root"), place="t.csv")
