"""How a value grows with the number of labels, and what follows from that: labels saved, and what more would bring.

The form `ceiling - drop * n ** -rate` is that of Cortes et al. 1993 ("Learning curves: asymptotic values and rate of
convergence") and of most measured curves since. Every number comes with a band from all curves that the points allow.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from headstart.core.gain import Band, CurvePoint, LabelsSaved, LearningCurve
from headstart.metrics.curve_draws import FURTHEST, Curves, Doubles, Points, Posterior, posterior, summarised

FLAT = 0.05


def fit_curve(points: Sequence[CurvePoint]) -> LearningCurve:
    """The most probable curve through points, each weighed by how well it is known.

    One point, or points that a flat line explains, give a flat curve. Raises `ValueError` for values outside of 0..1.
    """
    known, ordered = summarised(points), tuple(sorted(points, key=lambda point: point.labels))
    if _flat(known):
        ceiling, drop, rate = float(np.average(known.means, weights=1 / known.variances)), 0.0, 0.0
    else:
        start, ceiling, rate = _posterior_of(ordered).most_probable()
        drop = (ceiling - start) * float(known.labels[0]) ** rate
    fitted = ceiling - drop * known.labels**-rate
    weights = 1 / known.variances
    spread = math.sqrt(float(np.average((known.means - fitted) ** 2, weights=weights)))
    return LearningCurve(
        points=ordered, ceiling=ceiling, drop=drop, rate=rate, spread=max(spread, math.sqrt(1 / float(weights.mean())))
    )


def value_at(curve: LearningCurve, *, labels: float, level: float = 0.95) -> Band:
    """The value that the mean of many repeats would have with so many labels; wide where nothing was measured."""
    return _band(_formula(curve, labels), _draws(curve).at(labels), level)


def gain_of_doubling(curve: LearningCurve, *, level: float = 0.95) -> Band:
    """What twice the largest number of labels that was measured would add to the value."""
    most = float(max(point.labels for point in curve.points))
    curves = _draws(curve)
    return _band(_formula(curve, 2 * most) - _formula(curve, most), curves.at(2 * most) - curves.at(most), level)


def labels_saved(transfer: LearningCurve, scratch: LearningCurve, *, at: int, level: float = 0.95) -> LabelsSaved:
    """How many labels `scratch` would need to reach what `transfer` reaches with `at` labels.

    Ten times the most labels that scratch was measured with is as far as anything can be said.
    """
    furthest = FURTHEST * max(point.labels for point in scratch.points)
    reached = _draws(transfer, seed=1).at(at)
    needed = _draws(scratch).reach(reached)
    tail = (1 - level) / 2
    low, middle, high = np.quantile(needed, (tail, 0.5, 1 - tail), method="nearest")
    return LabelsSaved(
        at=at,
        reached=_formula(transfer, at),
        needed=_whole(middle, furthest),
        low=math.floor(min(low, furthest)),
        high=_whole(high, furthest),
        level=level,
    )


def _whole(count: float, furthest: float) -> int | None:
    return None if count > furthest else math.ceil(count)


def _draws(curve: LearningCurve, *, seed: int = 0) -> Curves:
    return _draws_of(curve.points, seed)


@lru_cache(maxsize=64)
def _draws_of(points: tuple[CurvePoint, ...], seed: int) -> Curves:
    return _posterior_of(points).draw(seed=seed)


@lru_cache(maxsize=8)
def _posterior_of(points: tuple[CurvePoint, ...]) -> Posterior:
    return posterior(summarised(points))


def _formula(curve: LearningCurve, labels: float) -> float:
    return float(np.clip(curve.ceiling - curve.drop * labels**-curve.rate, 0.0, 1.0))


def _band(estimate: float, draws: Doubles, level: float) -> Band:
    low, high = np.quantile(draws, ((1 - level) / 2, (1 + level) / 2))
    return Band(estimate=estimate, low=min(float(low), estimate), high=max(float(high), estimate), level=level)


def _flat(points: Points) -> bool:
    """Whether values do not rise with the logarithm of the labels by more than chance would have them rise."""
    from scipy.special import stdtr

    weights, logs = 1 / points.variances, np.log(points.labels)
    logs = logs - np.average(logs, weights=weights)
    known = float((weights * logs**2).sum())
    if known == 0:
        return True
    slope = float((weights * logs * points.means).sum()) / known
    residuals = points.means - np.average(points.means, weights=weights) - slope * logs
    degrees = points.degrees + len(logs) - 2
    scale = (points.degrees + float((weights * residuals**2).sum())) / degrees
    return bool(stdtr(degrees, -slope * math.sqrt(known / scale)) > FLAT)
