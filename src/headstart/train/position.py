"""How far a training has come."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field, fields

from headstart.train.checkpoint import State
from headstart.train.curve import CurveRow


@dataclass
class Position:
    """Counters of a training.

    `epoch` counts whole epochs, `step` all steps; of the running epoch, `chunk` counts the steps done (its first
    chunks), `items` their items, and `loss` is the sum of the losses of these items. `examples` counts the items of the
    epochs before. `rates` are the learning rates of the last step, `earlier` the seconds that other processes spent.
    """

    epoch: int = 0
    step: int = 0
    chunk: int = 0
    items: int = 0
    loss: float = 0.0
    examples: int = 0
    micro_batch: int = 0
    rates: list[float] = field(default_factory=list)
    curve: list[CurveRow] = field(default_factory=list)
    earlier: float = 0.0
    started: float = field(default_factory=time.monotonic)

    def seconds(self) -> float:
        """Seconds spent so far, by all processes together."""
        return self.earlier + time.monotonic() - self.started

    def count(self, items: int, *, loss: float) -> None:
        """Count one step over so many items, with their mean loss."""
        self.loss += loss * items
        self.items += items
        self.chunk += 1
        self.step += 1

    def next_epoch(self, row: CurveRow) -> None:
        """Count the running epoch as whole."""
        self.curve.append(row)
        self.examples += self.items
        self.epoch += 1
        self.chunk = self.items = 0
        self.loss = 0.0

    def state(self) -> State:
        """Every counter as it is."""
        values = asdict(self)
        del values["started"]
        return State({**values, "earlier": self.seconds()})

    def restore(self, state: State) -> None:
        """Continue to count from there."""
        for known in fields(self):
            if known.name not in ("curve", "started"):
                setattr(self, known.name, state.values[known.name])
        self.curve = [
            CurveRow(**{**row, "learning_rates": tuple(row["learning_rates"])}) for row in state.values["curve"]
        ]
        self.started = time.monotonic()
