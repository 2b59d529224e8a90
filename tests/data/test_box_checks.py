from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from headstart.core.errors import DataError
from headstart.data.box_checks import CLIPPED, EMPTY, SCALED, SWAPPED, TURNED, TWICE, TWO_CLASSES
from headstart.loading import load_data
from tests.data.boxes import boxes_of, coco, loaded, voc_xml, write_json, write_picture, write_text
from tests.data.pictures import items_of


def of_boxes(tmp_path: Path, *boxes: dict[str, Any], **more: Any) -> Path:
    write_picture(tmp_path / "a.png")
    return write_json(tmp_path / "x.json", coco(["a.png"], list(boxes), **more))


def test_what_can_be_repaired_is_and_the_ledger_says_so(tmp_path: Path) -> None:
    file = of_boxes(
        tmp_path,
        {"bbox": [30, 20, 15, 15]},
        {"bbox": [20, 10, -5, -5]},
        {"bbox": [3, 3, 0, 9]},
        {"bbox": [1, 1, 4, 4]},
        {"bbox": [1, 1, 4, 4]},
        {"bbox": [1, 1, 4, 4], "category_id": 2},
        {"bbox": [0, 0, 40.01, 30]},
    )
    dataset = loaded(file)
    assert [box for _, box in boxes_of(dataset)["a.png"]] == [
        [30, 20, 40, 30],
        [15, 5, 20, 10],
        [1, 1, 5, 5],
        [1, 1, 5, 5],
        [0, 0, 40, 30],
    ]
    assert items_of(dataset.ledger, CLIPPED) == ("a.png: annotation 1",)
    assert items_of(dataset.ledger, SWAPPED) == ("a.png: annotation 2",)
    assert items_of(dataset.ledger, EMPTY) == ("a.png: annotation 3",)
    assert items_of(dataset.ledger, TWICE) == ("a.png: annotation 5",)
    assert items_of(dataset.ledger, TWO_CLASSES) == ("a.png",)


def test_what_cannot_is_an_error_with_all_of_it(tmp_path: Path) -> None:
    file = of_boxes(tmp_path, {"bbox": [50, 3, 9, 9]}, {"bbox": [1, -20, 9, 9]}, {"bbox": [1, float("nan"), 9, 9]})
    with pytest.raises(DataError) as error:
        loaded(file)
    assert len(error.value.problems) == 3
    assert "a.png: annotation 1 lies outside its 40 x 30 pixels." in error.value.problems


def test_a_picture_of_another_size(tmp_path: Path) -> None:
    content = coco(["a.png", "b.png"], [{"bbox": [10, 10, 40, 40]}, {"bbox": [1, 1, 2, 2], "image": 1}])
    content["images"][0] |= {"width": 80, "height": 60}
    content["images"][1] |= {"width": 60, "height": 60}
    for name in ("a.png", "b.png"):
        write_picture(tmp_path / name)
    with pytest.raises(
        DataError, match=r"b.png: its boxes were drawn on a picture of 60 x 60 pixels, and it has 40 x 30"
    ):
        loaded(write_json(tmp_path / "x.json", content))
    content["images"][1] |= {"width": 0, "height": 0}
    dataset = loaded(write_json(tmp_path / "x.json", content))
    assert boxes_of(dataset) == {"a.png": [("cat", [5, 5, 25, 25])], "b.png": [("cat", [1, 1, 3, 3])]}
    assert items_of(dataset.ledger, SCALED) == ("a.png",)


def test_boxes_of_the_stored_picture_are_turned_with_it(tmp_path: Path) -> None:
    for name, size in (("stored", (40, 30)), ("upright", (30, 40)), ("unknown", (0, 0))):
        write_picture(tmp_path / f"{name}.jpg", orientation=6)
        write_text(tmp_path / f"{name}.xml", voc_xml([("dog", (5, 4, 14, 9))], size))
    dataset = loaded(tmp_path)
    assert boxes_of(dataset) == {
        "stored.jpg": [("dog", [21, 4, 27, 14])],
        "unknown.jpg": [("dog", [4, 3, 14, 9])],
        "upright.jpg": [("dog", [4, 3, 14, 9])],
    }
    assert items_of(dataset.ledger, TURNED) == ("stored.jpg",)
    assert items_of(dataset.ledger, "are taken to be drawn on the upright one") == ("unknown.jpg",)


def test_ten_thousand_boxes_in_a_picture(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    boxes = [{"bbox": [*random.uniform(0, 20, 2).tolist(), 5, 5]} for _ in range(10_000)]
    data = load_data(of_boxes(tmp_path, *boxes))
    assert len(data.dataset.targets[0]) == 10_000
    assert data.profile.boxes is not None
    assert data.profile.boxes.boxes == data.profile.boxes.small == 10_000


def test_no_box_at_all_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no box at all"):
        loaded(of_boxes(tmp_path))


def test_the_profile_leaves_ignored_boxes_out(tmp_path: Path) -> None:
    file = of_boxes(tmp_path, {"bbox": [0, 0, 20, 20]}, {"bbox": [5, 5, 30, 20], "iscrowd": 1})
    boxes = load_data(file).profile.boxes
    assert boxes is not None
    assert (boxes.boxes, boxes.ignored, boxes.per_label) == (1, 1, (1, 0))
    assert boxes.side.median == 20
