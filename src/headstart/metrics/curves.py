"""From scores to counts by rising score, and from these counts to the numbers that follow from the order alone."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from headstart.metrics.outcome import Array, Integers
from headstart.metrics.ratio import ratio


class Ranked(NamedTuple):
    """Weighted counts of the items that have a label and of those that do not, each (M, B), by rising score."""

    positive: Array
    negative: Array


def levels_of(scores: Array, positive: npt.NDArray[np.bool_], limit: int | None) -> tuple[Integers, int]:
    """The rank (N,) of each score among the different ones, and how many there are.

    With a `limit`, neighbouring scores are put together until no more than that many are left: half of the edges follow
    the items that have the label, so that few of them among many are still told apart.
    """
    different, ranks = np.unique(scores, return_inverse=True)
    if limit is None or len(different) <= limit:
        return ranks, len(different)
    at = np.linspace(0, 1, limit // 2)
    edges = [np.quantile(values, at, method="nearest") for values in (scores, scores[positive]) if len(values)]
    merged = np.unique(np.concatenate(edges))
    return np.searchsorted(merged, scores, side="right"), len(merged) + 1


def auroc_of(ranked: Ranked) -> Array:
    """(B,) the probability that an item with the label scores above one without it, equal scores counting half."""
    positive, negative = ranked
    below = np.cumsum(negative, axis=0) - negative / 2
    return ratio((positive * below).sum(axis=0), positive.sum(axis=0) * negative.sum(axis=0))


def average_precision_of(ranked: Ranked) -> Array:
    """(B,) the mean, over the items that have the label, of the precision at their score, without interpolation."""
    positive, negative = (part[::-1] for part in ranked)
    above = np.cumsum(positive, axis=0)
    precision = np.nan_to_num(ratio(above, above + np.cumsum(negative, axis=0)))
    return ratio((positive * precision).sum(axis=0), positive.sum(axis=0))


def sensitivity_of(ranked: Ranked, *, specificity: float) -> Array:
    """(B,) the highest sensitivity of any threshold whose specificity is at least this one."""
    positive, negative = (part[::-1] for part in ranked)
    false = ratio(np.cumsum(negative, axis=0), negative.sum(axis=0))
    true = ratio(np.cumsum(positive, axis=0), positive.sum(axis=0))
    # A sum of fractions misses one such as 0.9 by a rounding error.
    reached = np.where(1 - false >= specificity - 1e-9, true, 0).max(axis=0)
    return np.where(np.isnan(true[-1] + false[-1]), np.nan, reached)
