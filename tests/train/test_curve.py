"""The training curve as rows, a file and events."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

from headstart.train.curve import CurveRow, write_curve, write_events
from headstart.train.settings import TrainResult

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


def test_events_that_cannot_be_written_are_said_and_end_nothing(tmp_path: Path) -> None:
    (tmp_path / "events").touch()
    assert "The events for TensorBoard could not be written" in write_events([FIRST], tmp_path)
    assert write_events([FIRST], None) == ""


def test_a_full_disk_ends_nothing_however_many_events_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    assert write_events([FIRST], tmp_path) == ""
    (before,) = (tmp_path / "events").iterdir()
    monkeypatch.setattr(os, "fsync", fail)
    assert write_events([FIRST, SECOND] * 20, tmp_path).endswith("could not be written: No space left on device.")
    assert list((tmp_path / "events").iterdir()) == [before]


def test_what_was_there_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "events").mkdir()
    (tmp_path / "events" / "events.out.tfevents.1.other").touch()
    write_events([FIRST], tmp_path)
    (file,) = (tmp_path / "events").iterdir()
    assert file.stat().st_size


def test_a_note_of_the_training_says_so() -> None:
    assert TrainResult((FIRST,), 10, 1.0, 1, 1.0, 1, unwritten="No events.").notes == ("No events.",)


def records(content: bytes) -> list[bytes]:
    """TFRecord framing: a length of eight bytes, four of checksum, the record, four of checksum."""
    found = []
    while content:
        length = int.from_bytes(content[:8], "little")
        found.append(content[12 : 12 + length])
        content = content[16 + length :]
    return found
