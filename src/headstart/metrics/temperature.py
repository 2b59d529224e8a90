"""One number that makes probabilities as sure as they are right: all logits are divided by it.

Guo et al., On calibration of modern neural networks, 2017. Which label is the most probable one stays as it is.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar

from headstart.core.strategy import Goal
from headstart.metrics.goal import score
from headstart.metrics.logits import logits_of, probabilities_of

LEAST_ITEMS = 50
"""With fewer, what is seen of how sure the answers should be is mostly chance."""
FOLDS = 5
LOG_RANGE = (-math.log(5), math.log(5))
LOG_LOSS = Goal(metric="log_loss")


def choose_temperature(probabilities: npt.NDArray[Any], targets: npt.NDArray[Any]) -> float:
    """The temperature for probabilities (N, C) of items that did not train the model; 1 leaves them as they are.

    It is other than 1 where, over five folds, the temperature of the other folds lowers the log loss of the items.
    """
    if len(targets) < LEAST_ITEMS:
        return 1.0
    gained = 0.0
    folds = np.arange(len(targets)) % FOLDS
    for fold in range(FOLDS):
        own, others = folds == fold, folds != fold
        found = _fitted(probabilities[others], targets[others])
        before, after = (_log_loss(probabilities[own], targets[own], each) for each in (1.0, found))
        gained += own.sum() * (before - after)
    return float(f"{_fitted(probabilities, targets):.4g}") if gained > 0 else 1.0


def tempered(probabilities: npt.NDArray[Any], temperature: float, *, multi_label: bool) -> npt.NDArray[np.float32]:
    """The probabilities (N, C) at a temperature: above 1 they are less sure, below 1 surer."""
    if temperature == 1.0 or not len(probabilities):
        return np.asarray(probabilities, np.float32)
    logits = logits_of(probabilities, multi_label=multi_label) / temperature
    return np.asarray(probabilities_of(logits, multi_label=multi_label), np.float32)


def _fitted(probabilities: npt.NDArray[Any], targets: npt.NDArray[Any]) -> float:
    found = minimize_scalar(
        lambda log: _log_loss(probabilities, targets, math.exp(log)), bounds=LOG_RANGE, method="bounded"
    )
    return math.exp(found.x)


def _log_loss(probabilities: npt.NDArray[Any], targets: npt.NDArray[Any], temperature: float) -> float:
    return -score(LOG_LOSS, tempered(probabilities, temperature, multi_label=targets.ndim == 2), targets)
