"""How much each of several answers to the same items counts in their average."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from headstart.core.strategy import Goal
from headstart.metrics.goal import score

LOG_LOSS = Goal(metric="log_loss")
WORTH_IT = 0.005
MOST_ROUNDS = 10
BAGS = 20
ENOUGH = 2000
"""Items from which on a choice hardly depends on which of them were drawn: it is then made once, on all."""
LEAST_WEIGHT = 0.05


def blend_weights(
    answers: Sequence[npt.NDArray[Any]], targets: npt.NDArray[Any], *, goal: Goal, single: bool = False
) -> tuple[float, ...]:
    """One weight for each of the answers, probabilities (N, C) of items that have trained none of them; they sum to 1.

    Bagged ensemble selection (Caruana et al. 2004): on each of twenty draws of the items, the answer whose addition
    lowers the log loss of the average most joins it, again and again, until none lowers it by half a percent; the
    weights are the means over the draws, so that a few items do not decide. Weights below a twentieth become 0. An
    average that has a higher log loss than the best single answer, or is worse by the goal by more than half a standard
    error, is given up for that answer; with `single`, it is what is returned.
    """
    best = best_single(answers, targets, goal=goal)
    alone = np.eye(len(answers))[best]
    if single:
        return _plain(alone)
    items = len(targets)
    generator = np.random.default_rng(0)
    bags = [generator.integers(0, items, items) for _ in range(BAGS)] if items < ENOUGH else [np.arange(items)]
    weights = np.mean([_selected([answer[bag] for answer in answers], targets[bag]) for bag in bags], axis=0)
    weights = np.where(weights < LEAST_WEIGHT, 0.0, weights)
    weights /= weights.sum()
    together = np.tensordot(weights, np.stack(answers).astype(np.float64), axes=1)
    least = score(goal, answers[best], targets)
    worse = _log_loss(together, targets) > _log_loss(answers[best], targets)
    if worse or score(goal, together, targets) < least - margin(least, items):
        return _plain(alone)
    return _plain(weights)


def _plain(weights: npt.NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(float(weight) for weight in weights)


def _selected(answers: Sequence[npt.NDArray[Any]], targets: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """The shares of the answers in the average that is built up from the one with the lowest log loss."""
    counts = np.zeros(len(answers))
    total: npt.NDArray[Any] = np.zeros_like(answers[0], np.float64)
    loss = np.inf
    for _ in range(MOST_ROUNDS):
        losses = [_log_loss((total + answer) / (counts.sum() + 1), targets) for answer in answers]
        chosen = int(np.argmin(losses))
        if losses[chosen] > loss * (1 - WORTH_IT):
            break
        counts[chosen] += 1
        total = total + answers[chosen]
        loss = losses[chosen]
    return np.asarray(counts / counts.sum())


def best_single(answers: Sequence[npt.NDArray[Any]], targets: npt.NDArray[Any], *, goal: Goal) -> int:
    """The answer with the lowest log loss among those that the goal does not tell from the best."""
    values = [score(goal, known, targets) for known in answers]
    least = max(values) - margin(max(values), len(targets))
    near = [number for number, value in enumerate(values) if value >= least]
    return min(near, key=lambda number: _log_loss(answers[number], targets))


def margin(value: float, items: int) -> float:
    """Half the standard error of a share that was measured on so many items."""
    share = min(max(value, 0.0), 1.0)
    return 0.5 * float(np.sqrt(share * (1 - share) / max(items, 1)))


def _log_loss(probabilities: npt.NDArray[Any], targets: npt.NDArray[Any]) -> float:
    return -score(LOG_LOSS, probabilities, targets)
