"""The training curve as rows, a file and events."""

from __future__ import annotations

import csv
from pathlib import Path

from headstart.train.curve import CurveRow, write_curve, write_events

FIRST = CurveRow(1, 10, 0.7, (0.1,), 1.23456)
SECOND = CurveRow(2, 20, 0.5, (0.05, 0.005), 2.0, {"validation_accuracy": 0.9})


def test_one_rate_has_a_plain_name_and_several_are_numbered() -> None:
    assert list(FIRST.values()) == ["epoch", "step", "train_loss", "learning_rate", "seconds"]
    assert SECOND.values()["learning_rate_1"] == 0.005


def test_the_file_has_every_column_that_any_row_has(tmp_path: Path) -> None:
    write_curve([FIRST], tmp_path)
    write_curve([FIRST, SECOND], tmp_path)
    with (tmp_path / "curve.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["validation_accuracy"] for row in rows] == ["", "0.9"]
    assert rows[0]["seconds"] == "1.235"


def test_events_hold_each_number_at_its_step(tmp_path: Path) -> None:
    from tensorboardX.proto.event_pb2 import Event

    write_events([FIRST, SECOND], tmp_path)
    (file,) = (tmp_path / "events").iterdir()
    found = {}
    for record in records(file.read_bytes()):
        event = Event.FromString(record)
        found |= {(value.tag, event.step): value.simple_value for value in event.summary.value}
    assert round(found["train/loss", 10], 5) == 0.7
    assert round(found["validation/accuracy", 20], 5) == 0.9


def records(content: bytes) -> list[bytes]:
    """TFRecord framing: a length of eight bytes, four of checksum, the record, four of checksum."""
    found = []
    while content:
        length = int.from_bytes(content[:8], "little")
        found.append(content[12 : 12 + length])
        content = content[16 + length :]
    return found
