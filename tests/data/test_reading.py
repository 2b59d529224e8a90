from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from headstart.core.dataset import Part
from headstart.core.errors import HeadstartError, OptionError
from headstart.data import READERS
from headstart.data.reader import ReadOptions
from headstart.data.reading import choose_reader, read
from tests.data.hub_rows import picture_rows
from tests.data.mask_files import write_pairs
from tests.data.pictures import items_of, labels_of, names_of, write_pictures

DEFAULT = ReadOptions()


def problem(source: Any, options: ReadOptions = DEFAULT) -> HeadstartError:
    with pytest.raises(HeadstartError) as error:
        read(source, options)
    return error.value


def test_every_layout_finds_its_reader(tmp_path: Path) -> None:
    write_pictures(tmp_path, "folder/a/1.jpg", "table/1.jpg", "hub/1.jpg")
    for name in ("a/1.txt", "b/2.txt"):
        (tmp_path / "texts" / name).parent.mkdir(parents=True)
        (tmp_path / "texts" / name).write_text("words")
    (tmp_path / "table" / "train.csv").write_text("image,label\n1.jpg,x\n")
    (tmp_path / "hub" / "metadata.csv").write_text("file_name,label\n1.jpg,x\n")
    (tmp_path / "texts.csv").write_text("text,label\nwords,x\n")
    write_pairs(tmp_path / "masks", "a")
    (tmp_path / "masks" / "pairs.csv").write_text("image,mask\nimages/a.png,masks/a.png\n")
    write_pairs(tmp_path / "voc", "a", images="JPEGImages", masks="SegmentationClass")
    (tmp_path / "voc" / "ImageSets" / "Segmentation").mkdir(parents=True)
    (tmp_path / "voc" / "ImageSets" / "Segmentation" / "train.txt").write_text("a")
    expected = {
        "class-folder": tmp_path / "folder",
        "image-table": tmp_path / "table",
        "metadata-folder": tmp_path / "hub",
        "arrays": (np.zeros((1, 2, 2)), ["x"]),
        "text-arrays": (["words"], ["x"]),
        "text-table": tmp_path / "texts.csv",
        "text-folder": tmp_path / "texts",
        "huggingface": "owner/name",
        "mask-folder": tmp_path / "masks",
        "mask-table": tmp_path / "masks" / "pairs.csv",
        "voc-masks": tmp_path / "voc",
    }
    elsewhere = {"conll", "token-table", "token-arrays", "coco", "voc", "yolo"}  # their own tests find them so
    assert {choose_reader(source, DEFAULT)[0].name for source in expected.values()} | elsewhere == set(READERS)
    for name, source in expected.items():
        reader, reason = choose_reader(source, DEFAULT)
        assert reader.name == name
        assert reason


def test_a_reader_can_be_asked_for(tmp_path: Path) -> None:
    write_pictures(tmp_path, "a/1.jpg", "b/2.jpg")
    (tmp_path / "labels.csv").write_text("image,label\na/1.jpg,x\nb/2.jpg,y\n")
    assert read(tmp_path, DEFAULT).labels == ("x", "y")
    assert read(tmp_path, ReadOptions(reader="class-folder")).labels == ("a", "b")
    error = problem(tmp_path, ReadOptions(reader="class-folders"))
    assert isinstance(error, OptionError)
    assert "Did you mean 'class-folder'?" in str(error)


def test_parts_may_lie_in_places_of_their_own(tmp_path: Path) -> None:
    write_pictures(tmp_path, "one/a/1.jpg", "one/b/2.jpg", "two/b/3.jpg", "three/4.jpg")
    (tmp_path / "three" / "t.csv").write_text("image,label\n4.jpg,c\n")
    options = ReadOptions(
        train=str(tmp_path / "one"), validation=str(tmp_path / "two"), test=str(tmp_path / "three" / "t.csv")
    )
    dataset = read(None, options)
    assert dataset.given_parts == ("train", "val", "test")
    assert names_of(dataset) == ["one/a/1.jpg", "one/b/2.jpg", "two/b/3.jpg", "three/4.jpg"]
    assert labels_of(dataset) == ["a", "b", "b", "c"]
    assert items_of(dataset.ledger, "a class in test but not in train, val") == ("c",)
    assert dataset.inputs.read(3) == (tmp_path / "three" / "4.jpg").read_bytes()


def test_a_source_with_a_test_part_elsewhere(tmp_path: Path) -> None:
    write_pictures(tmp_path, "one/a/1.jpg", "one/b/2.jpg", "two/b/3.jpg")
    dataset = read(tmp_path / "one", ReadOptions(test=str(tmp_path / "two")))
    assert dataset.parts.tolist() == [Part.TRAIN, Part.TRAIN, Part.TEST]
    assert "given twice" in str(problem(tmp_path / "one", ReadOptions(train=str(tmp_path / "two"))))


def test_problems_of_all_parts_are_reported_at_once(tmp_path: Path) -> None:
    options = ReadOptions(train=str(tmp_path / "gone"), validation=str(tmp_path), test=str(tmp_path / "lost.csv"))
    error = problem(None, options)
    assert [text.partition(":")[0] for text in error.problems] == ["train", "val", "test"]
    assert "is an empty folder" in error.problems[1]
    assert "Layouts that are understood" in error.hint


def test_a_part_that_is_itself_split_is_an_error(tmp_path: Path) -> None:
    write_pictures(tmp_path, "train/a/1.jpg", "test/b/2.jpg", "other/a/3.jpg")
    error = problem(None, ReadOptions(train=str(tmp_path), test=str(tmp_path / "other")))
    assert "are themselves split into train, test" in str(error)


def test_mappings_of_parts_and_of_the_library() -> None:
    images = np.zeros((2, 2, 2))
    dataset = read({"train": (images, ["x", "y"]), "test": (images, ["y", "x"])}, DEFAULT)
    assert dataset.given_parts == ("train", "test")
    assert names_of(dataset)[2] == "test/row 0"
    assert "'other' is not a part" in str(problem({"train": (images, ["x", "y"]), "other": (images, ["x", "y"])}))
    import datasets

    assert read(datasets.DatasetDict(train=picture_rows([0, 1]), test=picture_rows([1, 0])), DEFAULT).labels == (
        "zebra",
        "ant",
    )


def test_a_path_that_does_not_exist(tmp_path: Path) -> None:
    write_pictures(tmp_path, "flowers/a/1.jpg")
    error = problem(tmp_path / "flower")
    assert str(error) == f"{tmp_path / 'flower'} does not exist. Did you mean 'flowers'?"
    assert "does not exist" in str(problem(tmp_path / "no" / "such" / "place"))
    assert "does not exist" in str(problem("photos.csv"))
    assert "empty" in str(problem(""))


def test_a_typing_mistake_below_a_folder_is_not_taken_for_an_id(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_pictures(tmp_path, "data/flowers/a/1.jpg")
    monkeypatch.chdir(tmp_path)
    assert "does not exist. Did you mean 'flowers'?" in str(problem("data/flower"))


def test_links_that_lead_nowhere(tmp_path: Path) -> None:
    (tmp_path / "broken").symlink_to(tmp_path / "gone")
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    for name in ("broken", "circle"):
        assert str(problem(tmp_path / name)) == f"{tmp_path / name} is a link that leads nowhere."


def test_names_that_no_disk_takes(tmp_path: Path) -> None:
    assert "cannot be opened: File name too long" in str(problem(tmp_path / ("x" * 300)))
    assert "is no path" in str(problem(str(tmp_path / "a\0b")))
    assert "~nobody-of-this-name/x does not exist" in str(problem("~nobody-of-this-name/x"))


def test_an_empty_folder(tmp_path: Path) -> None:
    assert str(problem(tmp_path)).startswith(f"{tmp_path} is an empty folder.\nLayouts that are understood:")


def test_a_folder_that_may_not_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(folder: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", refuse)
    assert f"{tmp_path} cannot be opened: Permission denied." in str(problem(tmp_path))


@pytest.mark.parametrize(
    ("name", "what"), [("a.jpg", "is a single picture"), ("a.doc", "is a single file of type '.doc'"), ("a", "'none'")]
)
def test_a_file_where_a_folder_is_due(tmp_path: Path, name: str, what: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    assert what in str(problem(tmp_path / name))


def test_pictures_without_labels(tmp_path: Path) -> None:
    write_pictures(tmp_path, "1.jpg", "2.jpg")
    assert "holds 2 pictures, but no class folders and no table" in str(problem(tmp_path))


def test_what_was_found_is_listed(tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text("x")
    (tmp_path / "train.csv").write_text("words,label\nhello,x\n")
    (tmp_path / "test.csv").write_text("")
    text = str(problem(tmp_path))
    assert "It holds 1 folders (texts); 2 other files (test.csv, train.csv)." in text
    assert "train.csv has the columns words, label." in text
    assert f"{tmp_path / 'test.csv'} is empty." in text
    assert text.count("\n  ") == len(list(READERS))


def test_other_things_are_not_data() -> None:
    assert "type int are not understood" in str(problem(3))
    assert "No data are given" in str(problem(None))


def test_a_single_class_and_a_class_with_one_picture(tmp_path: Path) -> None:
    write_pictures(tmp_path, "a/1.jpg", "a/2.jpg")
    (tmp_path / "b").mkdir()
    error = problem(tmp_path)
    assert error.problems == (
        f"{tmp_path} holds the single class 'a'.",
        "skipped 1: a class folder without pictures (b)",
    )
    write_pictures(tmp_path, "b/1.jpg")
    assert labels_of(read(tmp_path, DEFAULT)) == ["a", "a", "b"]
