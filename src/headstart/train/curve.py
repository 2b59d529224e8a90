"""The training curve: one row an epoch, as CSV and as TensorBoard events."""

from __future__ import annotations

import csv
import io
import socket
import struct
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from headstart.core.errors import RunError
from headstart.core.files import write_atomically


@dataclass(frozen=True)
class CurveRow:
    """One epoch (from 1): steps done so far, mean training loss, the different learning rates of its last step.

    `seconds` counts from the start of the run. `measured` holds what the validation callback found, by column name.
    """

    epoch: int
    step: int
    train_loss: float
    learning_rates: tuple[float, ...]
    seconds: float
    measured: Mapping[str, float] = field(default_factory=dict)

    def values(self) -> dict[str, float]:
        """One flat row; rates are numbered when there are several."""
        rates = {
            "learning_rate" if len(self.learning_rates) == 1 else f"learning_rate_{number}": rate
            for number, rate in enumerate(self.learning_rates)
        }
        loss = {"epoch": self.epoch, "step": self.step, "train_loss": self.train_loss}
        return {**loss, **self.measured, **rates, "seconds": round(self.seconds, 3)}


def write_curve(rows: Sequence[CurveRow], folder: Path) -> None:
    """Write `curve.csv`, rewritten whole each time so that a crash leaves complete rows."""
    columns = list(dict.fromkeys(name for row in rows for name in row.values()))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(row.values() for row in rows)
    write_atomically(folder / "curve.csv", text.getvalue().encode())


def write_events(rows: Sequence[CurveRow], folder: Path | None) -> str:
    """Write the rows as TensorBoard scalars over steps, into `folder/events`; what was there is replaced.

    They are a convenience, and no reason to lose a training: where they cannot be written, the answer says why.
    """
    if folder is None:
        return ""
    # Not by a `SummaryWriter`: its thread dies on a full disk, and then nothing takes what is written to its queue.
    path = folder / "events" / f"events.out.tfevents.{int(time.time())}.{socket.gethostname()}"
    try:
        write_atomically(path, b"".join(_records(rows)))
        for old in path.parent.glob("events.out.tfevents.*"):
            if old != path:
                old.unlink()
    except (RunError, OSError) as error:
        reason = error.problems[0] if isinstance(error, RunError) else f"{error}."
        return f"The events for TensorBoard could not be written, and the training is none the worse for it: {reason}"
    return ""


def _records(rows: Sequence[CurveRow]) -> Iterator[bytes]:
    from tensorboardX.proto.event_pb2 import Event
    from tensorboardX.summary import scalar

    now = time.time()
    yield _record(Event(wall_time=now, file_version="brain.Event:2").SerializeToString())
    for row in rows:
        for name, value in row.values().items():
            if name not in ("epoch", "step"):
                summary = scalar(name.replace("_", "/", 1), value)
                yield _record(Event(wall_time=now, step=row.step, summary=summary).SerializeToString())


def _record(content: bytes) -> bytes:
    """The framing of a TFRecord: the length and the content, each followed by its checksum."""
    from tensorboardX.record_writer import masked_crc32c

    length = struct.pack("<Q", len(content))
    return b"".join(part + struct.pack("<I", masked_crc32c(part)) for part in (length, content))
