"""The probability from which on a label is given, chosen on validation data for the user's own goal.

The best threshold on a few validation items is mostly chance: it loses several points on new data. So what was seen is
mixed with what the probabilities lead one to expect, which counts for as much as 400 items: few items follow the
probabilities, many speak for themselves. `docs/metrics.md` shows what this gains.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from headstart.core.strategy import Goal, MetricName
from headstart.metrics.logits import logits_of, probabilities_of
from headstart.metrics.outcome import Array, Outcome
from headstart.metrics.ratio import mean_of_defined, ratio

EXPECTED_ITEMS = 400
BY_DECISION: tuple[MetricName, ...] = ("accuracy", "balanced_accuracy", "macro_f1", "sensitivity_at_specificity")


def choose_thresholds(goal: Goal, probabilities: npt.NDArray[Any], targets: npt.NDArray[Any]) -> tuple[float, ...]:
    """Thresholds from probabilities (N, C) of items that did not train the model.

    One for two classes, C for multi-label data. None, which stands for the most probable label or for 0.5 each, where
    there are more than two classes or the goal does not depend on decisions. A label that every item has, or no item,
    keeps 0.5. For multi-label data the goal is that of each label by itself. A specificity that was asked for is
    reached on these items.
    """
    outcome = Outcome.of(probabilities, targets)
    if goal.metric not in BY_DECISION or not (outcome.binary or outcome.multi_label):
        return ()
    labels = [1] if outcome.binary else range(len(outcome.labels))
    return tuple(_threshold(goal, outcome, label) for label in labels)


def _threshold(goal: Goal, outcome: Outcome, label: int) -> float:
    truth = outcome.has(label).astype(np.float64)
    if truth.all() or not truth.any():
        return 0.5
    scores = outcome.probabilities[:, label].astype(np.float64).clip(0, 1)
    order = np.argsort(scores, kind="stable")
    scores, truth = scores[order], truth[order]
    if goal.metric != "sensitivity_at_specificity":
        share = EXPECTED_ITEMS / (EXPECTED_ITEMS + len(scores))
        truth = (1 - share) * truth + share * _expected(scores, truth)
    cuts = np.concatenate([[0], np.flatnonzero(np.diff(scores)) + 1, [len(scores)]])
    values = _values(goal, truth, cuts, both=outcome.binary)
    padded = np.concatenate([[0.0], scores, [np.nextafter(1, 2)]])
    below, above = padded[cuts], padded[cuts + 1]
    between = (below + above) / 2
    thresholds = np.where(between > below, between, above)
    best = np.flatnonzero(values >= values.max() - 1e-12)
    return float(thresholds[best[np.abs(thresholds[best] - 0.5).argmin()]])


def _values(goal: Goal, truth: Array, cuts: npt.NDArray[np.int64], *, both: bool) -> Array:
    """What the goal would be if the label were given to the items from each cut on, by rising score."""
    true_below, all_below = np.concatenate([[0.0], np.cumsum(truth)])[cuts], cuts.astype(np.float64)
    positives, items = truth.sum(), float(len(truth))
    hits, false_below = positives - true_below, all_below - true_below
    negatives = items - positives
    if goal.metric == "accuracy":
        return np.asarray((hits + false_below) / items)
    if goal.metric == "balanced_accuracy":
        return np.asarray((hits / positives + false_below / negatives) / 2)
    if goal.metric == "sensitivity_at_specificity":
        return np.where(false_below / negatives >= goal.specificity - 1e-9, hits / positives, -1.0)
    with_label = ratio(2 * hits, positives + items - all_below)
    without = ratio(2 * false_below, negatives + all_below)
    return mean_of_defined(np.stack([with_label, without])) if both else np.nan_to_num(with_label)


def _expected(scores: Array, truth: Array) -> Array:
    """The scores as probabilities of the label, after a logistic calibration of slope and offset. Platt 1999.

    A weak prior on both, worth about one item each, keeps few items from calibrating anything.
    """
    from scipy.optimize import minimize

    logits = logits_of(scores, multi_label=True)

    def loss(parameters: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        log_slope, offset = parameters
        moved = np.exp(log_slope) * logits + offset
        error = probabilities_of(moved, multi_label=True) - truth
        value = (np.logaddexp(0, moved) - truth * moved).sum() + (parameters**2).sum() / 2
        return float(value), np.array([(error * moved).sum() - error.sum() * offset, error.sum()]) + parameters

    found = minimize(loss, np.zeros(2), jac=True, method="L-BFGS-B", bounds=[(-5, 5), (-20, 20)])
    return probabilities_of(np.exp(found.x[0]) * logits + found.x[1], multi_label=True)
