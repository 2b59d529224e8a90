"""Every curve `ceiling - drop * n ** -rate` that the measured points allow, as draws from its posterior.

A fit names one curve, and says nothing of how different another could be that fits as well: with a handful of points,
ceiling and rate are known together at best. So the ceiling and the value at the fewest labels are taken as anything in
0..1, the rate as around one half, and curves are drawn in proportion to how well they explain the points. No real curve
has quite this form: how far they are off it is drawn, too, and grows with every doubling beyond the points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from headstart.core.gain import CurvePoint

Doubles = npt.NDArray[np.float64]

RATES = np.geomspace(0.05, 3.0, 20)
STEP = float(RATES[1] / RATES[0])
USUAL_RATE, RATES_DIFFER = 0.5, 1.0
CEILINGS = (np.arange(100) + 0.5) / 100
MISFITS, USUAL_MISFIT = np.array([0.001, 0.004, 0.012, 0.036, 0.1]), 0.006
FURTHEST = 10
DRAWS = 4000
UNKNOWN_NOISE, LEAST_NOISE, KNOWN_BY = 0.01, 0.002, 4.0
USUAL_FALL = -0.5
"""Of a variance with the labels, as a power: more labels, less noise. Weighs as much as what the points say of it."""


@dataclass(frozen=True)
class Points:
    """Means (J,) at numbers of labels (J,), the variance of each mean, and how many degrees of freedom know it."""

    labels: Doubles
    means: Doubles
    variances: Doubles
    degrees: float


@dataclass(frozen=True)
class Curves:
    """Curves (K,): the value at the `fewest` labels, the ceiling, the rate, and how far it is off at the `most`."""

    fewest: float
    most: float
    start: Doubles
    ceiling: Doubles
    rate: Doubles
    misfit: Doubles

    def at(self, labels: float) -> Doubles:
        """The value of each curve."""
        left = (self.fewest / labels) ** self.rate
        off = self.misfit * strain(np.float64(labels), self.most)
        return np.asarray(np.clip(self.ceiling - (self.ceiling - self.start) * left + off, 0.0, 1.0))

    def reach(self, values: Doubles) -> Doubles:
        """The labels at which each curve comes to its value; infinite where that is its ceiling or above."""
        about = self._reach(values - self.misfit * strain(np.float64(self.most), self.most))
        within = np.clip(about, self.fewest, FURTHEST * self.most)
        return self._reach(values - self.misfit * strain(within, self.most))

    def _reach(self, values: Doubles) -> Doubles:
        found = np.full(len(self.start), np.inf)
        found[values <= self.start] = self.fewest
        can = (values < self.ceiling) & (self.start < self.ceiling)
        rise = (self.ceiling - self.start)[can] / (self.ceiling - values)[can]
        with np.errstate(over="ignore"):
            found[can] = self.fewest * rise ** (1 / self.rate[can])
        return np.asarray(np.maximum(found, 1.0))


def strain(labels: Doubles | np.float64, most: float) -> Doubles:
    """How far, in units of the misfit, a real curve may be off the form: more with every doubling from the most labels.

    So the form is held to the points that bear on what comes next, and an early part of another shape, such as a
    network that learns nothing from very few labels, does not bend it.
    """
    return np.asarray(0.5 + 0.5 * np.abs(np.log2(labels / most)))


def summarised(points: Sequence[CurvePoint]) -> Points:
    """Means and their variances, by rising number of labels.

    A point's own variance counts, so that one with a repeat that went astray weighs little; it is drawn towards what
    the trend over all points makes of a middling one, since few repeats know it badly. Raises `ValueError` for points
    that are not of this kind.
    """
    if not points or any(point.labels < 1 or not point.values for point in points):
        raise ValueError("a curve takes at least one point, each with at least one label and one value")
    together: dict[int, list[float]] = {}
    for point in points:
        together.setdefault(point.labels, []).extend(point.values)
    ordered = sorted(together)
    labels = np.array(ordered, np.float64)
    counts = np.array([len(together[each]) for each in ordered], np.float64)
    means = np.array([np.mean(together[each]) for each in ordered])
    if not (np.isfinite(means).all() and means.min() >= 0 and means.max() <= 1):
        raise ValueError("the values of a curve are numbers of 0..1")
    squares = np.array([float(((np.array(together[each]) - np.mean(together[each])) ** 2).sum()) for each in ordered])
    several = counts > 1
    middling = _middling(labels, labels[several], squares[several] / (counts[several] - 1))
    variances = (squares + KNOWN_BY * middling) / (counts - 1 + KNOWN_BY) / counts + LEAST_NOISE**2
    return Points(labels, means, variances, float((counts - 1).sum() + KNOWN_BY))


def _middling(labels: Doubles, known: Doubles, variances: Doubles) -> Doubles:
    """The variance of one repeat at the labels, from those at the known ones: the medians of level and of slope."""
    if not len(known):
        return np.full(len(labels), UNKNOWN_NOISE**2)
    logs, heights = np.log(known), np.log(np.maximum(variances, LEAST_NOISE**2))
    first, second = np.triu_indices(len(known), 1)
    slopes = (heights[second] - heights[first]) / (logs[second] - logs[first])
    fall = float(np.clip((np.median(slopes) + USUAL_FALL) / 2, -1.0, 0.0)) if len(slopes) else USUAL_FALL
    level = float(np.median(variances * known**-fall))
    return np.asarray(level * labels**fall)


@dataclass(frozen=True)
class Posterior:
    """How probable each misfit (T), rate (A) and ceiling (C) is, and the value at the fewest labels given all three.

    All are (T, A, C). That value is `best` give or take `scale` times Student's t, within 0 and the ceiling.
    """

    points: Points
    weights: Doubles
    best: Doubles
    scale: Doubles
    degrees: float

    def draw(self, count: int = DRAWS, *, seed: int = 0) -> Curves:
        """Curves in proportion to how probable they are."""
        from scipy.special import stdtr, stdtrit

        random = np.random.default_rng(seed)
        chosen = random.choice(self.weights.size, count, p=self.weights.ravel())
        misfit, rate, ceiling = cell = np.unravel_index(chosen, self.weights.shape)
        ceilings = np.clip(CEILINGS[ceiling] + (random.random(count) - 0.5) / len(CEILINGS), 0.0, 1.0)
        best, scale = self.best[cell], self.scale[cell]
        lowest, highest = (stdtr(self.degrees, (bound - best) / scale) for bound in (np.zeros(count), ceilings))
        at = lowest + random.random(count) * (highest - lowest)
        start = best + scale * stdtrit(self.degrees, np.clip(at, 1e-12, 1 - 1e-12))
        return Curves(
            fewest=float(self.points.labels[0]),
            most=float(self.points.labels[-1]),
            start=np.clip(start, 0.0, ceilings),
            ceiling=ceilings,
            rate=RATES[rate] * STEP ** (random.random(count) - 0.5),
            misfit=MISFITS[misfit] * random.normal(size=count),
        )

    def most_probable(self) -> tuple[float, float, float]:
        """Start, ceiling and rate of the curve that explains the points best, as likely rates go."""
        _, rate, ceiling = cell = np.unravel_index(int(self.weights.argmax()), self.weights.shape)
        start = float(np.clip(self.best[cell], 0.0, CEILINGS[ceiling]))
        return start, float(CEILINGS[ceiling]), float(RATES[rate])


def posterior(points: Points) -> Posterior:
    """The posterior on a grid of misfit, rate and ceiling; the start is integrated out exactly."""
    usual = -0.5 * (np.log(RATES / USUAL_RATE) / RATES_DIFFER) ** 2
    strained = strain(points.labels, float(points.labels[-1]))
    layers = [_layer(points, points.variances + (misfit * strained) ** 2) for misfit in MISFITS]
    logs, best, scale = (np.stack(parts) for parts in zip(*layers, strict=True))
    logs += usual[:, None] - (MISFITS / USUAL_MISFIT)[:, None, None]
    weights = np.exp(logs - logs.max())
    return Posterior(points, weights / weights.sum(), best, scale, points.degrees + len(points.labels) - 1)


def _layer(points: Points, variances: Doubles) -> tuple[Doubles, Doubles, Doubles]:
    """Logarithm of the probability, and start with its scale, for rates x ceilings (A, C)."""
    from scipy.special import stdtr

    left = (points.labels[0] / points.labels) ** RATES[:, None]
    precision = 1 / variances
    # value = ceiling * (1 - left) + start * left: linear in the start
    aims = points.means - CEILINGS[None, :, None] * (1 - left)[:, None, :]
    known = (precision * left**2).sum(axis=1)[:, None]
    best = (aims @ (precision * left)[:, :, None])[:, :, 0] / known
    squares = ((aims - best[:, :, None] * left[:, None, :]) ** 2) @ precision
    degrees = points.degrees + len(points.labels) - 1
    scale = np.sqrt((points.degrees + squares) / degrees / known)
    allowed = stdtr(degrees, (CEILINGS - best) / scale) - stdtr(degrees, -best / scale)
    logs = -(degrees / 2) * np.log1p(squares / points.degrees) - np.log(known) / 2 + np.log(precision).sum() / 2
    return logs + np.log(np.maximum(allowed, 1e-300)), best, scale
