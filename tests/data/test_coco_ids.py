from __future__ import annotations

import json
from pathlib import Path

import pytest

from headstart.core.errors import DataError
from headstart.data.coco_ids import read_coco_ids


def test_numbers_by_name(tmp_path: Path) -> None:
    content = {"images": [{"id": 9, "file_name": "a.jpg"}], "categories": [{"id": 90, "name": "dog"}]}
    (tmp_path / "t.json").write_text(json.dumps(content))
    ids = read_coco_ids(tmp_path / "t.json")
    assert (ids.pictures, ids.categories, ids.place) == ({"a.jpg": 9}, {"dog": 90}, "t.json")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{", "is no JSON"),
        ("[]", "has no list of images"),
        ('{"images": [{"id": "1", "file_name": "a"}], "categories": []}', "has no file_name with a whole number"),
        ('{"images": [], "categories": [{"id": 1, "name": "a"}, {"id": 2, "name": "a"}]}', "more than once"),
    ],
)
def test_what_is_no_such_file_is_told(tmp_path: Path, text: str, expected: str) -> None:
    (tmp_path / "t.json").write_text(text)
    with pytest.raises(DataError, match=expected):
        read_coco_ids(tmp_path / "t.json")
    with pytest.raises(DataError, match="cannot be read"):
        read_coco_ids(tmp_path / "none.json")
