"""Numbers that follow from the order of the scores alone: no threshold takes part in them."""

from __future__ import annotations

import numpy as np

from headstart.core.errors import DataError
from headstart.metrics.curves import sensitivity_of
from headstart.metrics.metric import Metric
from headstart.metrics.outcome import Array, Outcome
from headstart.metrics.ratio import mean_of_defined
from headstart.metrics.weighted import Weighted


def auroc(weighted: Weighted) -> Array:
    """The area under the ROC curve: of the second of two classes, or the mean over the labels where it is defined."""
    return mean_of_defined(weighted.ranking.auroc[_labels(weighted, "AUROC")])


def average_precision(weighted: Weighted) -> Array:
    """That of the second of two classes, or the mean over the labels where it is defined ("mAP")."""
    return mean_of_defined(weighted.ranking.average_precision[_labels(weighted, "Average precision")])


def sensitivity_at_specificity(weighted: Weighted, *, specificity: float) -> Array:
    """The highest sensitivity of any threshold whose specificity is at least this one.

    Of the second of two classes, or the mean over the labels of multi-label data.
    """
    name, outcome = "Sensitivity at a given specificity", weighted.outcome
    if not (outcome.binary or outcome.multi_label):
        raise DataError(f"{name} is not defined: it needs two classes, and there are {len(outcome.labels)}.")
    labels = _labels(weighted, name)
    return mean_of_defined(
        np.stack([sensitivity_of(weighted.ranked(label), specificity=specificity) for label in labels])
    )


def ranking_labels(outcome: Outcome) -> list[int]:
    """The labels whose ranking is defined: some item has them and some has not. Of two classes only the second."""
    labels = [1] if outcome.binary else range(len(outcome.labels))
    return [label for label in labels if 0 < outcome.support[label] < len(outcome)]


def _labels(weighted: Weighted, name: str) -> list[int]:
    labels = ranking_labels(weighted.outcome)
    if not labels:
        raise DataError(f"{name} is not defined: it needs items that have a label and items that have not.")
    return labels


AUROC = Metric("AUROC", auroc, evidence="classes")
AVERAGE_PRECISION = Metric("average precision", average_precision, evidence="classes")
