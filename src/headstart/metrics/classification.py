"""Numbers that follow from the predicted labels, and the log loss.

Each takes an outcome under B sets of weights and gives B numbers; `DataError` says why a number is not defined.
A number for one set of weights is NaN where these weights leave no item to compute it from.
"""

from __future__ import annotations

import numpy as np

from headstart.core.errors import DataError
from headstart.metrics.metric import Metric
from headstart.metrics.outcome import Array
from headstart.metrics.ratio import mean_of_defined, ratio
from headstart.metrics.weighted import Weighted


def accuracy(weighted: Weighted) -> Array:
    """The fraction of items predicted right; with several labels an item, all of them have to be."""
    outcome = weighted.outcome
    right = outcome.predicted == outcome.targets
    if outcome.multi_label:
        right = right.all(axis=1)
    table = weighted.sums(right.astype(np.int64), 2)
    return ratio(table[1], table.sum(axis=0))


def balanced_accuracy(weighted: Weighted) -> Array:
    """The mean recall of the classes that have items.

    With several labels an item: the mean over labels of the mean of sensitivity and specificity, as far as defined.
    """
    counts = weighted.counts
    recall = ratio(counts.right, counts.support)
    if not weighted.outcome.multi_label:
        return mean_of_defined(recall)
    without = counts.total - counts.support
    specificity = ratio(without - counts.predicted + counts.right, without)
    return mean_of_defined(mean_of_defined(np.stack([recall, specificity])))


def macro_f1(weighted: Weighted) -> Array:
    """The mean F1 of the labels that occur, as truth or as prediction.

    Raises `DataError` where none occurs.
    """
    counts = weighted.counts
    if not (counts.support.any() or counts.predicted.any()):
        raise DataError("F1 is not defined: no item has or was given a label.")
    return mean_of_defined(ratio(2 * counts.right, counts.support + counts.predicted))


def micro_f1(weighted: Weighted) -> Array:
    """F1 of all pairs of item and label together, for several labels an item."""
    _only_multi_label(weighted, "Micro F1")
    counts = weighted.counts
    if not (counts.support.any() or counts.predicted.any()):
        raise DataError("F1 is not defined: no item has or was given a label.")
    return ratio(2 * counts.right.sum(axis=0), (counts.support + counts.predicted).sum(axis=0))


def hamming_loss(weighted: Weighted) -> Array:
    """The fraction of all pairs of item and label that are wrong, for several labels an item."""
    _only_multi_label(weighted, "Hamming loss")
    counts = weighted.counts
    wrong = (counts.support + counts.predicted - 2 * counts.right).sum(axis=0)
    return ratio(wrong, counts.total * len(weighted.outcome.labels))


def sensitivity(weighted: Weighted) -> Array:
    """The recall of the second of two classes."""
    return _recall_of_two(weighted, "Sensitivity", 1)


def specificity(weighted: Weighted) -> Array:
    """The recall of the first of two classes."""
    return _recall_of_two(weighted, "Specificity", 0)


def log_loss(weighted: Weighted) -> Array:
    """The mean negative natural logarithm of the probability of the truth.

    Probabilities are kept from 0 by the resolution of 32-bit floats, so that one impossible item costs 16 and not
    infinity. With several labels an item: the mean over items and labels.
    """
    outcome = weighted.outcome
    least = float(np.finfo(np.float32).eps)
    if outcome.multi_label:
        chance = np.where(outcome.targets == 1, outcome.probabilities, 1 - outcome.probabilities).astype(np.float64)
        losses = -np.log(chance.clip(least, 1)).mean(axis=1)
    else:
        chance = outcome.probabilities[np.arange(len(outcome)), outcome.targets].astype(np.float64)
        losses = -np.log(chance.clip(least, 1))
    everything = np.zeros(len(outcome), np.int64)
    return ratio(weighted.sums(everything, 1, losses)[0], weighted.sums(everything, 1)[0])


def _recall_of_two(weighted: Weighted, name: str, label: int) -> Array:
    outcome = weighted.outcome
    if not outcome.binary:
        raise DataError(f"{name} is not defined: it needs two classes, and there are {len(outcome.labels)} labels.")
    if not outcome.support[label]:
        raise DataError(f"{name} is not defined: no item is of class {outcome.labels[label]}.")
    return ratio(weighted.counts.right[label], weighted.counts.support[label])


def _only_multi_label(weighted: Weighted, name: str) -> None:
    if not weighted.outcome.multi_label:
        raise DataError(f"{name} is for several labels an item; with one, it says the same as accuracy.")


ACCURACY = Metric("accuracy", accuracy)
BALANCED_ACCURACY = Metric("balanced accuracy", balanced_accuracy, evidence="classes")
MACRO_F1 = Metric("macro F1", macro_f1, evidence="classes")
MICRO_F1 = Metric("micro F1", micro_f1)
HAMMING_LOSS = Metric("Hamming loss", hamming_loss, higher_is_better=False)
SENSITIVITY = Metric("sensitivity", sensitivity, evidence="positives")
SPECIFICITY = Metric("specificity", specificity, evidence="negatives")
LOG_LOSS = Metric("log loss", log_loss, higher_is_better=False, bounded=False)
