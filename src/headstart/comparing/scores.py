"""What an arm says of each held-out item -> one number of 0..1 an item: the mean of them is what arms are compared by.

Labels are decided without thresholds chosen on validation data, which not every arm has.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from headstart.metrics.outcome import Outcome

Scores = npt.NDArray[np.float64]


def metric_of(*, multi_label: bool) -> str:
    """What the mean of the scores is called."""
    return "item F1" if multi_label else "accuracy"


def item_scores(probabilities: npt.NDArray[Any], targets: npt.NDArray[Any]) -> Scores:
    """float64 (N,): whether the most probable label is right, or for multi-label data the F1 of an item's labels.

    An item without labels of which none is predicted scores 1.
    """
    outcome = Outcome.of(probabilities, targets)
    if not outcome.multi_label:
        return np.asarray(outcome.predicted == targets, np.float64)
    predicted, true = outcome.predicted.astype(np.float64), targets.astype(np.float64)
    both, either = (predicted * true).sum(axis=1), predicted.sum(axis=1) + true.sum(axis=1)
    return np.where(either > 0, 2 * both / np.maximum(either, 1), 1.0)
