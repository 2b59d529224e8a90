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


def blend_weights(
    answers: Sequence[npt.NDArray[Any]], targets: npt.NDArray[Any], *, goal: Goal, most: int | None = None
) -> tuple[float, ...]:
    """One weight for each of the answers, probabilities (N, C) of items that have trained none of them; they sum to 1.

    Ensemble selection (Caruana et al. 2004): from the best single answer on, the one whose addition lowers the log loss
    of the average most joins it, again and again, until none lowers it by half a percent. An average that is worse by
    the goal than its best member, by more than half a standard error, is given up for that member. At most `most`
    different answers get a weight (None: any number).
    """
    best = best_single(answers, targets, goal=goal)
    counts = np.zeros(len(answers))
    counts[best] = 1
    total = np.asarray(answers[best], np.float64)
    loss = _log_loss(total, targets)
    for _ in range(MOST_ROUNDS):
        allowed = [
            number
            for number in range(len(answers))
            if counts[number] or most is None or np.count_nonzero(counts) < most
        ]
        size = counts.sum() + 1
        losses = {number: _log_loss((total + answers[number]) / size, targets) for number in allowed}
        chosen = min(losses, key=losses.__getitem__)
        if losses[chosen] > loss * (1 - WORTH_IT):
            break
        counts[chosen] += 1
        total = total + answers[chosen]
        loss = losses[chosen]
    alone, together = (score(goal, known, targets) for known in (answers[best], total / counts.sum()))
    if together < alone - margin(alone, len(targets)):
        counts[:] = 0
        counts[best] = 1
    return tuple(float(count) for count in counts / counts.sum())


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
