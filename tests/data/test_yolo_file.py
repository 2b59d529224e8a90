from __future__ import annotations

from pathlib import Path

import numpy as np

from headstart.core.ledger import Event
from headstart.data.yolo_file import read_yolo
from tests.data.boxes import write_text


def test_lines_are_known_by_their_numbers(tmp_path: Path) -> None:
    events: list[Event] = []
    problems: list[str] = []
    file = write_text(tmp_path / "a.txt", "\n1 0.5 0.5 0.5 0.2\n\n0 0.1 0.1 0.2 0.2\n")
    boxes = read_yolo(file, 2, events, problems)
    assert boxes.relative
    assert [boxes.called(place) for place in range(2)] == ["line 2", "line 4"]
    assert np.allclose(boxes.xyxy[0], [0.25, 0.4, 0.75, 0.6])
    assert not problems + events


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    problems: list[str] = []
    (tmp_path / "a.txt").write_bytes(b"\xff\xfe\xff\x00")
    read_yolo(tmp_path / "a.txt", 1, [], problems)
    assert "cannot be read" in problems[0]
