from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from headstart.core.errors import DataError
from headstart.data.coco_file import looks_like_coco, read_coco
from tests.data.boxes import coco, write_json


def test_a_hidden_test_has_no_boxes(tmp_path: Path) -> None:
    content = coco(["a.png"], [])
    del content["annotations"]
    assert read_coco(write_json(tmp_path / "x.json", content)) is None


def test_ten_thousand_boxes_in_a_picture(tmp_path: Path) -> None:
    boxes = [{"bbox": [place % 20, place % 7, 5, 5]} for place in range(10_000)]
    found = read_coco(write_json(tmp_path / "x.json", coco(["a.png"], boxes)))
    assert found is not None
    assert len(found.boxes[0]) == 10_000
    assert found.boxes[0].called(4) == "annotation 5"


def test_a_file_is_known_by_its_head(tmp_path: Path) -> None:
    assert looks_like_coco(write_json(tmp_path / "a.json", coco([], [])))
    assert not looks_like_coco(write_json(tmp_path / "b.json", {"a": 1}))
    assert not looks_like_coco(tmp_path / "gone.json")
    assert not looks_like_coco(write_json(tmp_path / "a.txt", coco([], [])))


@pytest.mark.parametrize(
    ("place", "more", "problem"),
    [
        ("annotations", {"id": 1 << 70}, "annotation 1180591620717411303424 has an id of more than 64 bits"),
        ("annotations", {"category_id": [1]}, "annotation 1 is of a category [1] that is not listed"),
        ("annotations", {"image_id": {"a": 1}}, "annotation 1 is of a picture {'a': 1} that is not listed"),
        ("annotations", {"bbox": [1, 1, 10**400, 5]}, "annotation 1 of a.png: a bbox has a number that is too large"),
        ("annotations", {"bbox": 5}, "annotation 1 of a.png: a bbox is four numbers, not 5"),
        ("images", {"id": [3]}, "a picture has no id that is a number or text, or no file_name: {'id': [3]"),
        ("images", {"file_name": "\ud800.png"}, "a picture has no id that is a number or text, or no file_name"),
        ("images", {"file_name": "a\0/b.png"}, "a picture has no id that is a number or text, or no file_name"),
        ("images", {"width": float("inf")}, "a.png is of inf x 30 pixels: no picture is that large"),
        ("images", {"height": 10**300}, "a.png is of 40 x 10000000000000000000 pixels: no picture is that large"),
        ("categories", {"name": "\ud800"}, "a category has no id that is a number, or no name that is text"),
        ("categories", {"name": " "}, "a category has no id that is a number, or no name that is text"),
        ("categories", {"id": [1]}, "a category has no id that is a number, or no name that is text"),
    ],
)
def test_what_cannot_be_meant_is_a_problem(tmp_path: Path, place: str, more: dict[str, Any], problem: str) -> None:
    content = coco(["a.png"], [{"bbox": [1, 1, 5, 5]}])
    content[place][0] |= more
    found = read_coco(write_json(tmp_path / "x.json", content))
    assert found is not None
    assert found.problems[0].startswith(problem)
    "\n".join(found.problems).encode()


def test_ids_may_be_text_or_large(tmp_path: Path) -> None:
    content = coco(["a.png"], [{"bbox": [1, 1, 5, 5], "image_id": "x", "category_id": 1 << 70}])
    content["images"][0]["id"] = "x"
    content["categories"][0] |= {"id": 1 << 70, "supercategory": ["animal"]}
    found = read_coco(write_json(tmp_path / "x.json", content))
    assert found is not None
    assert (found.problems, found.labels, len(found.boxes[0])) == ([], ("dog", "cat"), 1)


@pytest.mark.parametrize("text", ["[1]", "[" * 100_000, '{"images": ' + "[" * 100_000])
def test_what_is_no_record_is_an_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(DataError, match=r"x\.json is no"):
        read_coco(tmp_path / "x.json")
