from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from headstart.core.errors import DataError
from headstart.data.arrays import READER
from headstart.data.reader import ReadOptions
from tests.data.pictures import items_of, labels_of, write_pictures

DEFAULT = ReadOptions()
IMAGES = np.arange(3 * 2 * 2 * 3, dtype=np.uint8).reshape(3, 2, 2, 3)


def test_arrays_and_numbers() -> None:
    assert READER.sniff((IMAGES, [1, 2, 3])) is not None
    dataset = READER.read((IMAGES, np.array([10, 9, 10])), DEFAULT)
    assert dataset.labels == ("9", "10")
    assert labels_of(dataset) == ["10", "9", "10"]
    assert np.array_equal(dataset.inputs.read(2), IMAGES[2])
    assert not dataset.multi_label


@pytest.mark.parametrize(
    "labels",
    [
        ["b", None, "a"],
        [1.0, float("nan"), 0.0],
        np.array([1.0, np.nan, 0.0], np.float32),
        np.array(["b", "", "a"]),
        np.array([np.str_("b"), None, "a"], object),
    ],
)
def test_items_without_a_label_are_in_the_ledger(labels: Any) -> None:
    dataset = READER.read((IMAGES, labels), DEFAULT)
    assert [dataset.inputs.name(index) for index in range(2)] == ["row 0", "row 2"]
    assert dataset.targets.tolist() == [1, 0]
    assert items_of(dataset.ledger, "has no label") == ("row 1",)


def test_pil_pictures_and_lists_of_arrays() -> None:
    pictures = [Image.new("L", (2, 3)), Image.new("RGB", (5, 5))]
    assert READER.read((pictures, ["x", "y"]), DEFAULT).inputs.read(1) is pictures[1]
    mixed = [np.zeros((2, 2)), np.zeros((3, 4, 3), np.uint16)]
    assert READER.read([mixed, ["x", "y"]], DEFAULT).inputs.read(1) is mixed[1]


def test_paths_stand_for_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_pictures(tmp_path, "a.jpg", "b.jpg")
    monkeypatch.chdir(tmp_path)
    dataset = READER.read((["a.jpg", str(tmp_path / "b.jpg")], ["x", "y"]), DEFAULT)
    assert dataset.inputs.name(0) == "a.jpg"
    assert dataset.inputs.read(1) == (tmp_path / "b.jpg").read_bytes()


def test_several_labels() -> None:
    assert labels_of(READER.read((IMAGES, [["x", "y"], [], {"y"}]), DEFAULT)) == [("x", "y"), (), ("y",)]
    matrix = np.array([[1, 0], [1, 1], [0, 0]])
    dataset = READER.read((IMAGES, matrix), DEFAULT)
    assert dataset.labels == ("0", "1")
    assert dataset.targets.dtype == np.uint8
    assert dataset.targets.tolist() == matrix.tolist()


def test_text_with_a_separator_is_one_label() -> None:
    assert READER.read((IMAGES, ["a|b", "c;d", "e"]), DEFAULT).labels == ("a|b", "c;d", "e")


@pytest.mark.parametrize(
    ("images", "labels", "problem"),
    [
        (IMAGES, ["a"], "There are 3 images but 1 labels"),
        (IMAGES[0, 0], ["a", "b"], r"uint8 of shape \(2, 3\), which is no array of pictures"),
        (IMAGES.astype(complex), ["a", "b", "c"], "complex128"),
        (np.zeros((2, 3, 32, 32)), ["a", "b"], "channels come last"),
        ([np.zeros(3), "a.jpg", 7], ["a", "b", "c"], r"image 0 \(float64 of shape \(3,\)\), image 2 \(int\)"),
        (["a.jpg", np.zeros((2, 2))], ["a", "b"], "Paths and pictures are mixed"),
        (IMAGES, np.array([[0, 2]] * 3), "values other than 0 and 1"),
        (IMAGES, np.zeros((3, 2, 2)), r"labels are float64 of shape \(3, 2, 2\)"),
    ],
)
def test_what_is_no_pair_of_pictures_and_labels(images: Any, labels: Any, problem: str) -> None:
    with pytest.raises(DataError, match=problem):
        READER.read((images, labels), DEFAULT)


def test_all_problems_are_reported_at_once() -> None:
    with pytest.raises(DataError) as error:
        READER.read((np.zeros((2, 2)), ["a"]), DEFAULT)
    assert len(error.value.problems) == 2


def test_other_sources_are_not_taken() -> None:
    for source in ("ab", {"a": 1, "b": 2}, (1, 2), (IMAGES,), None):
        assert READER.sniff(source) is None
        with pytest.raises(DataError, match="not a pair"):
            READER.read(source, DEFAULT)
