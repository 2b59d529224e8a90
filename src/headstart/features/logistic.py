"""Logistic regression with an L2 penalty: softmax for one label an item, a sigmoid a label for several."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from headstart.features.design import Design
from headstart.features.linear import Doubles, Linear
from headstart.features.targets import Truth

MOST_ITERATIONS = 500
# Where the loss is summed up in float32 it cannot be told apart more finely than this.
RELATIVE_GAIN = 1e-9
GRADIENT = 1e-6


@dataclass(frozen=True)
class Fit:
    """A classifier in the coordinates of its design; `settled` says that the optimum was reached."""

    linear: Linear
    settled: bool


def fit_logistic(design: Design, truth: Truth, *, strength: float, start: Linear | None = None) -> Fit:
    """The optimum of the sum of the losses plus half the squared weights over `strength`; the bias is free.

    L-BFGS on coordinates that are scaled so that the problem is about equally curved in all directions: it then takes
    tens of passes over the rows, whatever the strength.
    """
    penalty = 1 / (strength * len(design))
    curve = _Curve(design, truth, penalty)
    begin = start or Linear(np.zeros((truth.scores, design.shape.width)), _prior(truth))

    def objective(vector: Doubles) -> tuple[float, Doubles]:
        linear = curve.linear(vector)
        loss, gradient = _mean_loss(design, truth, linear)
        loss += penalty / 2 * float(np.square(linear.weight).sum())
        return loss, curve.gradient(Linear(gradient.weight + penalty * linear.weight, gradient.bias))

    options = {"maxiter": MOST_ITERATIONS, "maxcor": 20, "gtol": GRADIENT, "ftol": RELATIVE_GAIN}
    found = minimize(objective, curve.vector(begin), jac=True, method="L-BFGS-B", options=options)
    return Fit(curve.linear(found.x), settled=found.nit < MOST_ITERATIONS)


class _Curve:
    """Between classifiers and vectors in whose coordinates the problem is about equally curved in all directions."""

    def __init__(self, design: Design, truth: Truth, penalty: float) -> None:
        typical = 1 / truth.labels if truth.link == "softmax" else 0.5
        curvature = typical * (1 - typical)
        self._rotation = design.shape.rotation
        self._scale = 1 / np.sqrt(curvature * design.shape.spectrum + penalty)
        self._bias_scale = 1 / np.sqrt(curvature)
        self._rows = truth.scores

    def linear(self, vector: Doubles) -> Linear:
        matrix = vector.reshape(self._rows, -1)
        weight = matrix[:, :-1] * self._scale
        weight = weight if self._rotation is None else weight @ self._rotation.T
        return Linear(weight, matrix[:, -1] * self._bias_scale)

    def vector(self, linear: Linear) -> Doubles:
        weight = linear.weight if self._rotation is None else linear.weight @ self._rotation
        return np.column_stack([weight / self._scale, linear.bias / self._bias_scale]).ravel()

    def gradient(self, gradient: Linear) -> Doubles:
        weight = gradient.weight if self._rotation is None else gradient.weight @ self._rotation
        return np.column_stack([weight * self._scale, gradient.bias * self._bias_scale]).ravel()


def _mean_loss(design: Design, truth: Truth, linear: Linear) -> tuple[float, Linear]:
    """The weighted loss a row, summed over the scores, and its gradient."""

    def work(where: slice, rows: npt.NDArray[Any]) -> tuple[float, Doubles, Doubles]:
        scores = (rows @ linear.weight.T.astype(rows.dtype)).astype(np.float64) + linear.bias
        wanted = truth.wanted(where)
        weights = truth.weights(where, wanted)
        losses, slope = _softmax(scores, wanted) if truth.link == "softmax" else _sigmoid(scores, wanted)
        slope *= weights
        return float((losses * weights).sum()), slope.T.astype(rows.dtype) @ rows, slope.sum(axis=0)

    loss, weight, bias = 0.0, np.zeros_like(linear.weight), np.zeros_like(linear.bias)
    for part_loss, part_weight, part_bias in design.each(work):
        loss += part_loss
        weight += part_weight
        bias += part_bias
    return loss / len(design), Linear(weight / len(design), bias / len(design))


def _softmax(scores: Doubles, wanted: Doubles) -> tuple[Doubles, Doubles]:
    scores -= scores.max(axis=1, keepdims=True)
    powers = np.exp(scores)
    total = powers.sum(axis=1, keepdims=True)
    losses = np.log(total) - (scores * wanted).sum(axis=1, keepdims=True)
    return losses, powers / total - wanted


def _sigmoid(scores: Doubles, wanted: Doubles) -> tuple[Doubles, Doubles]:
    tail = np.logaddexp(0, -scores)
    return tail + (1 - wanted) * scores, np.exp(-tail) - wanted


def _prior(truth: Truth) -> Doubles:
    """The bias that says no more than how frequent each label is, a little softened for labels that do not occur."""
    share = np.zeros(truth.scores)
    for start in range(0, len(truth), 65536):
        share += truth.wanted(slice(start, start + 65536)).sum(axis=0)
    share = (share + 0.5) / (len(truth) + 1)
    return np.log(share) if truth.link == "softmax" else np.log(share / (1 - share))
