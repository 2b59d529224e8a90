from __future__ import annotations

from pathlib import Path

from headstart.cli.profile_text import profile_text
from headstart.loading import load_data
from tests.data.boxes import coco, write_json, write_picture


def test_what_inspect_says_of_boxes(tmp_path: Path) -> None:
    write_picture(tmp_path / "a.png")
    file = write_json(tmp_path / "x.json", coco(["a.png"], [{"bbox": [0, 0, 20, 20]}, {"bbox": [1, 1, 5, 5]}]))
    data = load_data(file)
    said = profile_text(data.profile, data.ledger, width=100)
    assert "one label a picture" not in said
    assert "cat 2, dog 0" in said
    assert "5 to 20, median 12 pixels" in said
