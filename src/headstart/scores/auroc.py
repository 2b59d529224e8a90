"""The area under the ROC curve as a score over several labels."""

from __future__ import annotations

from headstart.scores.spectrum import Doubles


def mean_auroc(values: Doubles, indicators: Doubles) -> float:
    """The mean over the labels: values (N, K) against 0/1 (N, K), each label with a positive and a negative."""
    from scipy.stats import rankdata

    positives = indicators.sum(axis=0)
    negatives = len(indicators) - positives
    ranks = (rankdata(values, axis=0) * indicators).sum(axis=0)
    return float(((ranks - positives * (positives + 1) / 2) / (positives * negatives)).mean())
