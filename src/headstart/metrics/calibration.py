"""Whether predictions made with 80 % confidence are right 80 % of the time."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from headstart.core.evaluation import ReliabilityBin
from headstart.metrics.metric import Metric
from headstart.metrics.outcome import Array, Integers, Outcome
from headstart.metrics.ratio import ratio
from headstart.metrics.weighted import Once, Weighted

MOST_BINS = 15
LEAST_IN_BIN = 20


def calibration_error(weighted: Weighted) -> Array:
    """The expected calibration error: the mean distance of confidence and accuracy over bins of equal mass.

    Confidence is that of the most probable label. With several labels an item, each label's probability is held against
    whether the item has it. Bins hold at least 20 items, and there are at most 15 of them. Guo et al. 2017.
    """
    confidence, right = _statements(weighted.outcome)
    cells, count = _bins(confidence)
    total = weighted.sums(cells, count)
    distance = np.abs(weighted.sums(cells, count, confidence) - weighted.sums(cells, count, right))
    return ratio(distance.sum(axis=0), total.sum(axis=0))


def reliability(outcome: Outcome) -> tuple[ReliabilityBin, ...]:
    """The table behind the calibration error, by rising confidence."""
    confidence, right = _statements(outcome)
    cells, bins = _bins(confidence)
    weighted = Once(outcome)
    columns = (weighted.sums(cells, bins, values)[:, 0] for values in (None, confidence, right))
    return tuple(
        ReliabilityBin(count=int(count), confidence=sure / count, accuracy=correct / count)
        for count, sure, correct in zip(*columns, strict=True)
        if count
    )


def _statements(outcome: Outcome) -> tuple[Array, npt.NDArray[Any]]:
    if outcome.multi_label:
        return outcome.probabilities, outcome.targets
    return outcome.probabilities.max(axis=1), outcome.probabilities.argmax(axis=1) == outcome.targets


def _bins(confidence: Array) -> tuple[Integers, int]:
    """Equal confidence is in one bin, so that the order of the items does not matter."""
    count = int(np.clip(confidence.size // LEAST_IN_BIN, 1, MOST_BINS))
    edges = np.unique(np.quantile(confidence, np.arange(1, count) / count))
    return np.searchsorted(edges, confidence, side="right"), count


CALIBRATION_ERROR = Metric("calibration error", calibration_error, higher_is_better=False)
