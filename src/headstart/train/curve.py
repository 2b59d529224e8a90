"""The training curve: one row an epoch, as CSV and as TensorBoard events."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

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


def write_events(rows: Sequence[CurveRow], folder: Path) -> None:
    """Write the rows as TensorBoard scalars over steps, into `folder/events`; what was there is replaced."""
    from tensorboardX import SummaryWriter

    for old in (folder / "events").glob("events.out.tfevents.*"):
        old.unlink()
    with SummaryWriter(logdir=str(folder / "events")) as writer:
        for row in rows:
            for name, value in row.values().items():
                if name not in ("epoch", "step"):
                    writer.add_scalar(name.replace("_", "/", 1), value, row.step)
