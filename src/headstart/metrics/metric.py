"""What a metric is to the rest of the program: a formula, and what has to be known to use it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from headstart.metrics.outcome import Array
from headstart.metrics.weighted import Weighted


@dataclass(frozen=True)
class Metric:
    """One line of the table of metrics.

    `compute` gives B numbers for an outcome under B sets of weights. It raises `DataError` with a sentence where the
    metric is not defined for the data. `bounded` says that it lies in 0..1. `evidence` is what one is short of when the
    data are few: items, the items of each class, or those of one of two classes.
    """

    title: str
    compute: Callable[[Weighted], Array]
    higher_is_better: bool = True
    bounded: bool = True
    evidence: Literal["items", "classes", "positives", "negatives"] = "items"
