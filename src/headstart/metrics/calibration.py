"""Whether predictions made with 80 % confidence are right 80 % of the time, and a remedy where they are not."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from headstart.core.evaluation import ReliabilityBin
from headstart.metrics.logits import logits_of, probabilities_of
from headstart.metrics.metric import Metric
from headstart.metrics.outcome import Array, Integers, Outcome
from headstart.metrics.ratio import ratio
from headstart.metrics.weighted import Once, Weighted

MOST_BINS = 15
LEAST_IN_BIN = 20
LOG_TEMPERATURE_RANGE = (-3.0, 3.0)


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


def fit_temperature(probabilities: npt.NDArray[Any], targets: npt.NDArray[Any]) -> float:
    """The number to divide logits by that makes the probabilities (N, C) of held-out items most likely.

    Logits are taken from the probabilities, up to a constant that does not matter. A weak prior, worth about one item,
    keeps the temperature near 1 where items are few and all of them right. Guo et al. 2017.
    """
    from scipy.optimize import minimize_scalar

    outcome = Outcome.of(probabilities, targets)

    logits = logits_of(outcome.probabilities, multi_label=outcome.multi_label)

    def loss(log_temperature: float) -> float:
        losses = _log_losses(logits / np.exp(log_temperature), outcome.targets)
        return float(losses.sum() + log_temperature**2 / 2)

    found = minimize_scalar(loss, bounds=LOG_TEMPERATURE_RANGE, method="bounded", options={"xatol": 1e-4})
    return float(np.exp(found.x)) if loss(found.x) < loss(0.0) else 1.0


def apply_temperature(probabilities: npt.NDArray[Any], temperature: float, *, multi_label: bool) -> Array:
    """The probabilities (N, C) that the logits divided by `temperature` would have given."""
    logits = logits_of(probabilities, multi_label=multi_label) / temperature
    return probabilities_of(logits, multi_label=multi_label)


def _statements(outcome: Outcome) -> tuple[Array, npt.NDArray[Any]]:
    if outcome.multi_label:
        return outcome.probabilities, outcome.targets
    return outcome.probabilities.max(axis=1), outcome.probabilities.argmax(axis=1) == outcome.targets


def _bins(confidence: Array) -> tuple[Integers, int]:
    """Equal confidence is in one bin, so that the order of the items does not matter."""
    count = int(np.clip(confidence.size // LEAST_IN_BIN, 1, MOST_BINS))
    edges = np.unique(np.quantile(confidence, np.arange(1, count) / count))
    return np.searchsorted(edges, confidence, side="right"), count


def _log_losses(logits: npt.NDArray[np.float64], targets: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """(N,), or (N, C) for multi-label data."""
    if targets.ndim == 2:
        return np.logaddexp(0, np.where(targets == 1, -logits, logits))
    top = logits.max(axis=1)
    total = top + np.log(np.exp(logits - top[:, None]).sum(axis=1))
    return np.asarray(total - logits[np.arange(len(logits)), targets])


CALIBRATION_ERROR = Metric("calibration error", calibration_error, higher_is_better=False)
