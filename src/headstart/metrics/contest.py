"""Several models on the same items -> which can be told apart, and how much each is probably behind the best.

Every comparison is paired: items that are hard for all models say nothing of which is better.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

WIDEST = 0.2
"""Standard deviation of what models of one shortlist reach, a fraction: weak knowledge for those that have no other."""


@dataclass(frozen=True)
class Proxy:
    """What K models scored on N items in one way that tells more or less of what is asked for.

    `scores` is (K, N), rows of NaN for models that did not take part. `spread`, one number or (K,), is the standard
    deviation of how far the way itself is from the truth, however many items there are. `groups` (N,) are items that
    belong together.
    """

    scores: Floats
    spread: float | Floats
    groups: Integers | None = None


@dataclass(frozen=True)
class Expectation:
    """What is held of K models before they are measured: `means` (K,), and how far the truth is from them.

    `spread` is a standard deviation, independent from model to model.
    """

    means: Floats
    spread: float


@dataclass(frozen=True)
class Standing:
    """Posterior means (K,) relative to their own mean, and their covariance (K, K)."""

    means: Floats
    covariance: Floats

    @property
    def best(self) -> int:
        """The model with the highest mean."""
        return int(np.argmax(self.means))

    def behind(self, level: float = 0.95) -> tuple[Floats, Floats, Floats]:
        """How far each model is behind the best, and the bounds of that at the level; all (K,), zero for the best."""
        best, variances = self.best, np.diag(self.covariance)
        lead = self.means[best] - self.means
        wide = np.sqrt(np.maximum(variances + variances[best] - 2 * self.covariance[best], 0))
        reach = stats.norm.ppf((1 + level) / 2) * wide
        return lead, lead - reach, lead + reach


def standing(proxies: Sequence[Proxy], *, expected: Expectation | None = None) -> Standing:
    """All proxies together, each weighted by how exactly it is measured and by how much it tells.

    They start from what is expected; without it, from models that are alike as far as is known. One of both must be
    given.

    A Gaussian model: a proxy shows the truth, moved by an unknown constant that is common to its models, with the error
    of its items, which paired models share, and with its own spread.
    """
    count = len(proxies[0].scores) if expected is None else len(expected.means)
    known = expected or Expectation(np.zeros(count), WIDEST)
    precision = np.eye(count) / known.spread**2
    pull = known.means / known.spread**2
    for proxy in proxies:
        there = np.flatnonzero(~np.isnan(proxy.scores).any(axis=1))
        if len(there) < 2:
            continue
        means, errors = paired_means(proxy.scores[there], proxy.groups)
        spread = np.broadcast_to(proxy.spread, count)[there]
        weights = np.linalg.inv(errors + np.diag(spread**2))
        ones = weights.sum(axis=1)
        weights -= np.outer(ones, ones) / ones.sum()  # a constant that all of them share is not known
        precision[np.ix_(there, there)] += weights
        pull[there] += weights @ means
    covariance = np.linalg.inv(precision)
    means = covariance @ pull
    return Standing(np.asarray(means - means.mean(), np.float64), np.asarray(covariance, np.float64))


def paired_means(scores: Floats, groups: Integers | None = None) -> tuple[Floats, Floats]:
    """Means (K,) of (K, N) scores and the covariance (K, K) of their errors once what all models share is taken out.

    With `groups` (N,), whole groups are what was sampled.
    """
    means = scores.mean(axis=1)
    parts = scores - scores.mean(axis=0) - (means - means.mean())[:, None]
    if groups is not None:
        _, codes = np.unique(groups, return_inverse=True)
        sums = np.zeros((len(scores), int(codes.max()) + 1))
        for row, part in zip(sums, parts, strict=True):
            row += np.bincount(codes, weights=part, minlength=len(row))
        units, parts = len(row), sums
    else:
        units = scores.shape[1]
    errors = parts @ parts.T / scores.shape[1] ** 2 * units / max(units - 1, 1)
    # Models that agree on each of few items are not known to be equal: as if they differed on one item more.
    return means, errors + np.eye(len(scores)) * 0.5 / scores.shape[1] ** 2


def survivors(scores: Floats, *, keep: int, groups: Integers | None = None) -> Integers:
    """The best `keep` of K models on the same items, and whoever is within a standard error of the last of them."""
    means, errors = paired_means(scores, groups)
    order = np.argsort(-means, kind="stable")
    if len(order) <= keep:
        return order
    last = order[keep - 1]
    wide = np.sqrt(np.maximum(np.diag(errors) + errors[last, last] - 2 * errors[last], 0))
    rest = [place for place in order[keep:] if means[last] - means[place] < wide[place]]
    return np.asarray([*order[:keep], *rest], np.int64)
