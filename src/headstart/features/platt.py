"""From the scores of a regression to probabilities: the scale, and for single labels the shift, that fit best.

Platt, Probabilistic outputs for support vector machines, 1999; with one scale for all scores of a softmax (Guo et al.,
On calibration of modern neural networks, 2017).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize, minimize_scalar

from headstart.features.linear import Doubles, Link

LOG_SCALES = (-2.0, 7.0)


def platt(scores: npt.NDArray[Any], wanted: npt.NDArray[Any], link: Link) -> tuple[Doubles, Doubles]:
    """The factor and the shift, each (K,), of held-out scores (N, K) whose truth is `wanted`: 0 and 1 (N, K).

    The truth is softened as if one more item of each kind were known, so that separable scores give no certainty.
    """
    if link == "softmax":
        return _one_scale(np.asarray(scores, np.float64), np.asarray(wanted, np.float64))
    pairs = [_scale_and_shift(scores[:, k].astype(np.float64), wanted[:, k]) for k in range(scores.shape[1])]
    return np.array([pair[0] for pair in pairs]), np.array([pair[1] for pair in pairs])


def _one_scale(scores: Doubles, wanted: Doubles) -> tuple[Doubles, Doubles]:
    count, classes = scores.shape
    softened = (wanted * count + 1 / classes) / (count + 1)

    def loss(log_scale: float) -> float:
        scaled = scores * np.exp(log_scale)
        scaled -= scaled.max(axis=1, keepdims=True)
        losses = np.log(np.exp(scaled).sum(axis=1)) - (scaled * softened).sum(axis=1)
        return float(losses.mean())

    found = minimize_scalar(loss, bounds=LOG_SCALES, method="bounded")
    return np.full(classes, np.exp(found.x)), np.zeros(classes)


def _scale_and_shift(scores: Doubles, wanted: npt.NDArray[Any]) -> tuple[float, float]:
    positive = wanted.sum()
    softened = np.where(wanted == 1, (positive + 1) / (positive + 2), 1 / (len(wanted) - positive + 2))
    middle, spread = scores.mean(), max(float(scores.std()), 1e-12)
    standard = (scores - middle) / spread

    def loss(values: Doubles) -> tuple[float, Doubles]:
        odds = standard * np.exp(values[0]) + values[1]
        tail = np.logaddexp(0, -odds)
        slope = np.exp(-tail) - softened
        value = float((tail + (1 - softened) * odds).mean())
        return value, np.array([(slope * standard).mean() * np.exp(values[0]), slope.mean()])

    bounds = [LOG_SCALES, (-50.0, 50.0)]
    start = np.array([0.0, np.log((positive + 1) / (len(wanted) - positive + 1))])
    log_scale, shift = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    factor = np.exp(log_scale) / spread
    return float(factor), float(shift - factor * middle)
