"""How often the band of a learning curve holds what a known curve comes to, also for curves of another form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from headstart.core.gain import CurvePoint
from headstart.metrics.learning_curve import fit_curve, gain_of_doubling, labels_saved, value_at

LABELS = (20, 40, 80, 160, 320)
TRUTHS: dict[str, Callable[[float], float]] = {
    "power law, rate 0.2": lambda labels: 0.98 - 1.04 * labels**-0.2,
    "power law, rate 0.5": lambda labels: 0.95 - 1.2 * labels**-0.5,
    "power law, rate 1": lambda labels: 0.9 - 6 / labels,
    "two power laws": lambda labels: 1 - 0.4 * labels**-0.1 - 1.5 * labels**-0.8,
    "S-shaped": lambda labels: 0.1 + 0.85 / (1 + (labels / 60) ** -0.9),
    "exponential": lambda labels: 0.9 - 0.6 * float(np.exp(-labels / 120)),
    "flat": lambda labels: 0.8 + 0 * labels,
}
TIMES = (1, 2, 4, 10)


def curves(*, experiments: int, repeats: int = 3) -> dict[str, Any]:
    """Coverage and width of the 95 % bands at and beyond the 320 labels that were measured, by truth."""
    return {name: _of_truth(truth, experiments, repeats) for name, truth in TRUTHS.items()}


def _of_truth(truth: Callable[[float], float], experiments: int, repeats: int) -> dict[str, Any]:
    random = np.random.default_rng(0)
    held, width, doubling, saved, beyond = dict.fromkeys(TIMES, 0), dict.fromkeys(TIMES, 0.0), 0, 0, 0
    head_start = fit_curve([CurvePoint(labels=20, values=(truth(480),) * 5)])
    for _ in range(experiments):
        curve = fit_curve([_point(truth, labels, repeats, random) for labels in LABELS])
        for times in TIMES:
            band = value_at(curve, labels=320 * times)
            held[times] += band.low <= truth(320 * times) <= band.high
            width[times] += (band.high - band.low) / experiments
        band = gain_of_doubling(curve)
        doubling += band.low <= truth(640) - truth(320) <= band.high
        found = labels_saved(head_start, curve, at=20)
        saved += found.low <= 480 and (found.high is None or found.high >= 480)
        beyond += found.needed is None
    return {
        "coverage": {str(times): count / experiments for times, count in held.items()},
        "width": {str(times): value for times, value in width.items()},
        "doubling": doubling / experiments,
        "labels needed": saved / experiments,
        "beyond what can be said": beyond / experiments,
    }


def _point(truth: Callable[[float], float], labels: int, repeats: int, random: np.random.Generator) -> CurvePoint:
    """Repeats spread by 3 points with 20 labels, and less with more."""
    spread = 0.03 * (20 / labels) ** 0.5
    return CurvePoint(labels=labels, values=tuple(np.clip(truth(labels) + random.normal(0, spread, repeats), 0, 1)))
