"""What an objective adds to the loop: a fresh model, its training items, and how it is measured and saved."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from headstart.core.dataset import Dataset
from headstart.core.modality import Modality
from headstart.core.pretraining import PretrainOptions, PretrainRecord
from headstart.tasks.task import Model, Task
from headstart.train.feed import Feed


class Lesson(Protocol):
    """One pretraining that is about to begin: `labels` are how many there are to choose from."""

    model: Model
    task: Task
    feed: Feed
    labels: int

    def measure(self, model: Model, *, device: str) -> dict[str, float]:
        """`accuracy` and `log_loss` on the held-out items; empty where there are none."""
        ...

    def write(self, folder: Path) -> None:
        """Save the trained model as a folder that is a model id."""
        ...

    def saved_accuracy(self, folder: Path, *, device: str) -> float | None:
        """The share of held-out items that the model in the folder, loaded again, gets right; None of no items."""
        ...

    def card(self, record: PretrainRecord, *, name: str) -> str:
        """The page that goes with the model, as Markdown."""
        ...


class Objective(Protocol):
    """One objective: one file in `objectives/`. `modality` is what its items are."""

    modality: Modality

    def begin(self, dataset: Dataset, options: PretrainOptions) -> Lesson:
        """A fresh model and its items. Raises `OptionError` for data or options that do not go together."""
        ...
