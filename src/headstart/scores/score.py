"""What a transferability score is to the rest of the program."""

from __future__ import annotations

from abc import ABC, abstractmethod

from headstart.core.errors import DataError
from headstart.core.rows import Rows
from headstart.scores.prepared import Prepared, prepare


class Score(ABC):
    """One score: one file in `scores/`. Bigger is better; how big means something only among scores of the same rows.

    `proportion` says that it counts items in 0..1, which decides the form of its interval. `most_rows` and
    `most_repeats` bound what a dear one is given: rows, and subsamples for its interval.
    """

    name: str
    proportion: bool = False
    most_rows: int | None = None
    most_repeats: int | None = None

    def applies(self, rows: Rows) -> str | None:
        """Why the score cannot be computed for these rows, or None."""
        prepared = prepare(rows)
        return prepared.problem or self.lacking(prepared)

    def __call__(self, rows: Rows, *, seed: int) -> float:
        """The score. Raises `DataError` where it does not apply; rows beyond `most_rows` are for the caller to drop."""
        prepared = prepare(rows)
        reason = self.applies(prepared)
        if reason is not None:
            raise DataError(f"The score {self.name} does not apply: {reason}.")
        return self.compute(prepared, seed=seed)

    def lacking(self, rows: Prepared) -> str | None:
        """What this score needs and the rows do not have, or None."""
        return None

    @abstractmethod
    def compute(self, rows: Prepared, *, seed: int) -> float:
        """The number."""


def several_labels(rows: Prepared) -> str | None:
    """The reason of scores that take one label an item only."""
    return "it is defined for one label an item" if rows.multi_label else None


def small_class(rows: Prepared, *, least: int) -> str | None:
    """The reason of scores that need so many rows of every class."""
    few = int((rows.class_sizes < least).sum())
    return f"it needs {least} rows of every class, and {few} have fewer" if few else None


def no_source_head(rows: Prepared) -> str | None:
    """The reason of scores that look at what the model's own classifier says."""
    return "the model comes without a classifier of its source" if rows.source_probabilities is None else None
