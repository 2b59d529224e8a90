"""An outcome whose items count with weights: what lets one formula give a number and every resample of it.

A metric is a function of weighted sums over items. With one set of weights it is the number itself; with the counts of
B resamples as weights it is B numbers at once, and no metric knows the difference.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from headstart.metrics.curves import Ranked, auroc_of, average_precision_of, levels_of
from headstart.metrics.outcome import Array, Integers, Outcome


class Counts(NamedTuple):
    """Weighted counts by label, each (C, B); `total`, (B,), is the weight of all items."""

    right: Array
    predicted: Array
    support: Array
    total: Array


class Ranking(NamedTuple):
    """What the order of the scores of each label says, each (C, B); NaN where a label has too few items for it."""

    auroc: Array
    average_precision: Array


class Weighted(ABC):
    """An outcome under B sets of weights. `levels` is how many different scores a ranking tells apart (None: all)."""

    levels: int | None = None

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome

    @abstractmethod
    def sums(self, cells: Integers, count: int, values: npt.NDArray[Any] | None = None) -> Array:
        """(count, B) the weight in each cell, times `values` where given.

        `cells` and `values` are (N,), or (N, L) for L entries an item.
        """

    @cached_property
    def counts(self) -> Counts:
        """What the confusion matrix says of each label."""
        outcome, classes = self.outcome, len(self.outcome.labels)
        total = self.sums(np.zeros(len(outcome), np.int64), 1)[0]
        if outcome.multi_label:
            state = outcome.predicted * 2 + outcome.targets
            table = self.sums(state.astype(np.int64) + 4 * np.arange(classes), 4 * classes).reshape(classes, 4, -1)
            return Counts(table[:, 3], table[:, 2] + table[:, 3], table[:, 1] + table[:, 3], total)
        hit = np.where(outcome.predicted == outcome.targets, outcome.targets, classes)
        return Counts(
            self.sums(hit, classes + 1)[:classes],
            self.sums(outcome.predicted, classes),
            self.sums(outcome.targets, classes),
            total,
        )

    def ranked(self, label: int) -> Ranked:
        """The counts by the score of one label; items of equal score stand together."""
        scores, positive = self.outcome.probabilities[:, label], self.outcome.has(label)
        cells, count = levels_of(scores, positive, self.levels)
        table = self.sums(cells * 2 + positive, count * 2).reshape(count, 2, -1)
        return Ranked(table[:, 1], table[:, 0])

    @cached_property
    def ranking(self) -> Ranking:
        """The rank numbers of every label, each of whose scores are sorted only once."""
        ranked = (self.ranked(label) for label in range(len(self.outcome.labels)))
        rows = [(auroc_of(counts), average_precision_of(counts)) for counts in ranked]
        auroc, average_precision = (np.stack(column) for column in zip(*rows, strict=True))
        return Ranking(auroc, np.where(np.isnan(auroc), np.nan, average_precision))


class Once(Weighted):
    """One set of weights (N,), by default every item once: the metric itself."""

    def __init__(self, outcome: Outcome, weights: npt.NDArray[Any] | None = None) -> None:
        super().__init__(outcome)
        self.weights = None if weights is None else np.asarray(weights, np.float64)

    def sums(self, cells: Integers, count: int, values: npt.NDArray[Any] | None = None) -> Array:
        """(count, 1) sums in double precision."""
        if self.weights is None:
            heaps = None if values is None else values.ravel()
        else:
            each = self.weights if cells.ndim == 1 else self.weights[:, None]
            heaps = np.broadcast_to(each if values is None else each * values, cells.shape).ravel()
        return np.bincount(cells.ravel(), weights=heaps, minlength=count).astype(np.float64)[:, None]
