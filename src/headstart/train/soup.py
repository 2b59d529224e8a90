"""A greedy soup: the weights of several epochs, averaged as long as that is no worse (Wortsman et al. 2022)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from headstart.train.checkpoint import State

INGREDIENTS = 8
"""Epochs that are remembered: the best so far."""


@dataclass(frozen=True)
class Ingredient:
    """The weights after an epoch (from 1), and their score."""

    score: float
    epoch: int
    weights: dict[str, Tensor]


class Soup:
    """Remembers the best epochs, and averages those whose average scores best.

    It begins with the best epoch, which is what early stopping would keep, and adds the others from the best down, each
    only where the average with it scores no worse: so the soup is never worse than the best epoch.
    """

    def __init__(self) -> None:
        self.ingredients: list[Ingredient] = []

    def offer(self, model: nn.Module, *, score: float, epoch: int) -> None:
        """Remember the weights of an epoch where it is among the best; of equal ones the earlier counts as better."""
        if len(self.ingredients) == INGREDIENTS and score <= self.ingredients[-1].score:
            return
        weights = {name: value.detach().clone() for name, value in model.state_dict().items()}
        kept = [*self.ingredients, Ingredient(score, epoch, weights)]
        self.ingredients = sorted(kept, key=lambda each: (-each.score, each.epoch))[:INGREDIENTS]

    def state(self) -> State:
        """The epochs with their scores, and their weights as `number/name`."""
        scores = [{"score": each.score, "epoch": each.epoch} for each in self.ingredients]
        tensors = {
            f"{number}/{name}": value
            for number, each in enumerate(self.ingredients)
            for name, value in each.weights.items()
        }
        return State({"ingredients": scores}, tensors)

    def restore(self, state: State) -> None:
        """Remember what was remembered."""
        weights: dict[str, dict[str, Tensor]] = {}
        for key, value in state.tensors.items():
            number, _, name = key.partition("/")
            weights.setdefault(number, {})[name] = value
        kept = state.values["ingredients"]
        self.ingredients = [
            Ingredient(float(each["score"]), int(each["epoch"]), weights[str(number)])
            for number, each in enumerate(kept)
        ]

    def serve(self, model: nn.Module, score: Callable[[], float]) -> tuple[int, ...]:
        """Give the model the soup, and return the epochs that are in it, the best first.

        `score` measures the model as it is when it is called.
        """
        best = self.ingredients[0]
        used, kept, average = [best], best.score, best.weights
        for each in self.ingredients[1:]:
            tried = _average([*(one.weights for one in used), each.weights])
            model.load_state_dict(tried)
            found = score()
            if found >= kept:
                used, kept, average = [*used, each], found, tried
        model.load_state_dict(average)
        return tuple(each.epoch for each in used)


def _average(several: list[dict[str, Tensor]]) -> dict[str, Tensor]:
    """The mean of every tensor; whole numbers (counters) are those of the first."""

    def mean(name: str, first: Tensor) -> Tensor:
        # Differences, because equal numbers, which those of frozen parts are, do not always have themselves as mean.
        return first + torch.stack([weights[name] - first for weights in several]).mean(0)

    return {name: mean(name, value) if value.is_floating_point() else value for name, value in several[0].items()}
