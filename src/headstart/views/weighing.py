"""What views say of unseen items -> what each of them counts for in the model that is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from headstart.core.strategy import Combination, Goal
from headstart.metrics.blending import ENOUGH, LOG_LOSS, best_single, blend_weights
from headstart.metrics.goal import score
from headstart.views import VIEWS

Answers = npt.NDArray[Any]
EQUAL_FOR = 100
"""Items whose evidence weighs as much as taking all views for equal: docs/strategies.md, "Choice"."""


def view_weights(
    answers: Mapping[str, Answers], targets: Answers, *, goal: Goal, combination: Combination
) -> dict[str, float]:
    """One weight a view, by name; they sum to 1. `answers` are probabilities (N, C) of items that trained no view.

    With few items, what these say is drawn towards equal weights, but where one view was asked for.
    """
    weights = by_evidence(answers, targets, goal=goal, combination=combination)
    return weights if combination.single else levelled(weights, answers, targets)


def by_evidence(
    answers: Mapping[str, Answers], targets: Answers, *, goal: Goal, combination: Combination
) -> dict[str, float]:
    """The weights that these items speak for.

    Where only one network may be asked, the views of each network are averaged on their own, and the average that is
    best as a single answer is taken.
    """

    def blended(names: list[str]) -> dict[str, float]:
        single = combination.single
        weights = blend_weights([answers[name] for name in names], targets, goal=goal, single=single)
        return dict.fromkeys(answers, 0.0) | dict(zip(names, weights, strict=True))

    if combination.most_networks > 1 or combination.single:
        return blended([*answers])
    networks = dict.fromkeys(network for name in answers for network in VIEWS[name].networks)
    choices = [blended([name for name in answers if set(VIEWS[name].networks) <= {each}]) for each in networks]
    averages = [np.asarray(sum(weight * answers[name] for name, weight in each.items())) for each in choices]
    return choices[best_single(averages, targets, goal=goal)]


def levelled(
    weights: dict[str, float], answers: Mapping[str, Answers], targets: Answers, *, equal_for: float = EQUAL_FOR
) -> dict[str, float]:
    """The weights, drawn towards equal ones of all views that cost nothing beside those that are kept.

    Those are the views on networks that are asked anyway, but for those that say less than how frequent the labels are.
    `equal_for` items of evidence count as much as equal weights; from `ENOUGH` on nothing is changed.
    """
    if len(targets) >= ENOUGH:
        return weights
    asked = {network for name, weight in weights.items() if weight > 0 for network in VIEWS[name].networks}
    nothing_known = _log_loss(_frequencies(answers, targets), targets)
    free = [
        name
        for name, said in answers.items()
        if set(VIEWS[name].networks) <= asked and _log_loss(said, targets) < nothing_known
    ]
    if not free:
        return weights
    evidence = len(targets) / (equal_for + len(targets))
    return {name: evidence * weight + (1 - evidence) / len(free) * (name in free) for name, weight in weights.items()}


def _frequencies(answers: Mapping[str, Answers], targets: Answers) -> Answers:
    """How frequent each label is among the items, as an answer to each of them (N, C)."""
    shape = next(iter(answers.values())).shape
    labels = targets.mean(axis=0) if targets.ndim == 2 else np.bincount(targets, minlength=shape[1]) / len(targets)
    return np.broadcast_to(labels, shape)


def _log_loss(probabilities: Answers, targets: Answers) -> float:
    return -score(LOG_LOSS, probabilities, targets)
