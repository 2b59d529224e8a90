"""What views say of unseen items -> what each of them counts for in the model that is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from headstart.core.strategy import Combination, Goal
from headstart.metrics.blending import best_single, blend_weights
from headstart.views import VIEWS

Answers = npt.NDArray[Any]


def view_weights(
    answers: Mapping[str, Answers], targets: Answers, *, goal: Goal, combination: Combination
) -> dict[str, float]:
    """One weight a view, by name; they sum to 1. `answers` are probabilities (N, C) of items that trained no view.

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
