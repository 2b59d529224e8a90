from __future__ import annotations

from pathlib import Path

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
