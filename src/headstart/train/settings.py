"""What a training is told besides how weights move, and what it tells."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path

from torch import Tensor

from headstart.core.runtime import Precision
from headstart.core.strategy import Strategy
from headstart.tasks.task import Model
from headstart.train.curve import CurveRow

LEAST_PATIENCE = 5


def patience_of(strategy: Strategy, items: int) -> int:
    """The epochs without improvement that early stopping waits: a third of those that the steps are, five at least.

    Under a cosine what counts comes late: with a fixed patience, a longer training would end before its rate falls.
    """
    epochs = strategy.epochs
    if strategy.steps is not None:
        epochs = ceil(strategy.steps / ceil(items / min(strategy.batch_size or 32, items)))
    return max(LEAST_PATIENCE, ceil(epochs / 3))


@dataclass(frozen=True)
class TrainSettings:
    """Everything about a training that is not how weights move.

    `micro_batch` is how many items go through the network at a time (None: as many as fit in memory); their gradients
    add up to those of the strategy's batch. `patience` is the epochs without improvement that early stopping waits.
    The clock (`max_seconds`) only aborts: the schedule is never bent to it. The curve goes into `folder`. The file
    `checkpoint` is written now and then, at Ctrl-C and at the signal SIGUSR1; with `resume`, where it is there, the
    training goes on from it to the same weights as if it had never stopped.
    """

    seed: int = 0
    device: str = "cpu"
    precision: Precision = "float32"
    micro_batch: int | None = None
    class_weights: Tensor | None = None
    patience: int = 5
    max_seconds: float | None = None
    folder: Path | None = None
    checkpoint: Path | None = None
    resume: bool = False
    description: str = "training"


@dataclass(frozen=True)
class Validation:
    """What a validation callback found: `score` (higher is better) decides, `measured` goes into the curve."""

    score: float
    measured: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class TrainResult:
    """What a training did.

    `best_epoch` (from 1) is the one whose weights the model now has, or the best of the `soup`, the epochs that they
    are the average of. `trained_parameters` counts the numbers that moved, those of an adapter before it was merged.
    `micro_batch` is how many items went through the network at a time. `stopped` says why it ended early ("time", "no
    improvement"); empty where it did not. `seconds` include `earlier_seconds`, which were spent before the training was
    resumed. `unwritten` says why the events could not be written; empty where they were, or were not wanted.
    """

    curve: tuple[CurveRow, ...]
    steps: int
    seconds: float
    best_epoch: int
    examples_per_second: float
    micro_batch: int
    stopped: str = ""
    earlier_seconds: float = 0.0
    trained_parameters: int = 0
    soup: tuple[int, ...] = ()
    unwritten: str = ""

    @property
    def notes(self) -> tuple[str, ...]:
        """What a record says of how the weights came about, beyond the strategy."""
        stopped = (f"Training stopped early: {self.stopped}.",) if self.stopped else ()
        averaged = ", ".join(map(str, sorted(self.soup)))
        soup = (f"The weights are the average of those after epochs {averaged}.",) if len(self.soup) > 1 else ()
        return (*stopped, *soup, *([self.unwritten] if self.unwritten else []))


Validate = Callable[[Model], Validation]
