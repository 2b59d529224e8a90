"""Probabilities and targets -> one number an item, whose mean is what a choice is made by: for paired comparisons."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from headstart.core.strategy import Goal

LEAST = 1e-6


def item_scores(
    goal: Goal, probabilities: npt.NDArray[np.floating[Any]], targets: npt.NDArray[Any]
) -> npt.NDArray[np.float64]:
    """float64 (N,): bigger is better.

    For `log_loss`, and for multi-label data, the log likelihood of an item; for goals that count every class alike,
    whether the most probable label is right, weighted so that classes count alike; for others, whether it is right.
    Metrics that are no mean over items (AUROC and the like) are stood for by the log likelihood.
    """
    found = np.clip(np.asarray(probabilities, np.float64), LEAST, 1 - LEAST)
    if targets.ndim == 2:
        return np.asarray(np.where(targets > 0, np.log(found), np.log(1 - found)).mean(axis=1), np.float64)
    if goal.metric not in ("accuracy", "balanced_accuracy", "macro_f1"):
        return np.asarray(np.log(found[np.arange(len(targets)), targets]))
    right: npt.NDArray[np.float64] = (found.argmax(axis=1) == targets).astype(np.float64)
    if goal.metric == "accuracy":
        return right
    counts = np.bincount(targets, minlength=found.shape[1])
    weights: npt.NDArray[np.float64] = len(targets) / (np.count_nonzero(counts) * counts[targets])
    return np.asarray(right * weights, np.float64)
