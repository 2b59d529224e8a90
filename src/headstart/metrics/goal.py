"""How good probabilities are by the user's own goal, as one number of which more is better."""

from __future__ import annotations

import math
from typing import Any

import numpy.typing as npt

from headstart.core.errors import DataError
from headstart.core.strategy import Goal
from headstart.metrics.outcome import Array, Outcome
from headstart.metrics.ranking import sensitivity_at_specificity
from headstart.metrics.table import METRICS
from headstart.metrics.weighted import Once


def score(
    goal: Goal, probabilities: npt.NDArray[Any], targets: npt.NDArray[Any], weights: npt.NDArray[Any] | None = None
) -> float:
    """The goal's metric of probabilities (N, C), where `weights` (N,) say how much each item counts; log loss negated.

    Decisions are those without a chosen threshold: the most probable label, or every label that reaches 0.5. Raises
    `DataError`, with the reason, where the metric is not defined for these targets.
    """
    weighted = Once(Outcome.of(probabilities, targets), weights)
    if goal.metric == "sensitivity_at_specificity":
        return _number(goal, sensitivity_at_specificity(weighted, specificity=goal.specificity))
    metric = METRICS[goal.metric]
    value = _number(goal, metric.compute(weighted))
    return value if metric.higher_is_better else -value


def _number(goal: Goal, values: Array) -> float:
    value = float(values[0])
    if math.isnan(value):
        raise DataError(f"{goal.metric} is not defined: the items it needs have no weight.")
    return value
