"""What an arm says of each held-out item -> one number of 0..1 an item: the mean of them is what arms are compared by.

Labels are decided without thresholds chosen on validation data, which not every arm has.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from headstart.answering import structured_task
from headstart.core.dataset import Dataset
from headstart.metrics.outcome import Outcome

Scores = npt.NDArray[np.float64]


def metric_of(dataset: Dataset) -> str:
    """What the mean of the scores is called."""
    if dataset.structured:
        return structured_task(dataset.task).item_metric
    return "item F1" if dataset.multi_label else "accuracy"


def scores_of_answers(answers: npt.NDArray[Any], dataset: Dataset) -> Scores:
    """float64 (N,) for what an arm says of the items of a data set."""
    if not dataset.structured:
        return item_scores(answers, dataset.targets)
    task = structured_task(dataset.task)
    return task.item_scores(list(answers), dataset.targets, labels=len(dataset.labels))


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
