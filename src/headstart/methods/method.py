"""What a method decides, and what it may look at to decide it."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Protocol

from headstart.core.card import ModelCard
from headstart.core.strategy import Strategy


@dataclass(frozen=True)
class Situation:
    """What is known before training: the number of items to learn from, of classes, and the model's facts.

    `task` is named where its targets are more than labels.
    """

    items: int
    classes: int
    card: ModelCard
    task: str = ""


class Method(Protocol):
    """One way to train: one file in `methods/`. `pretrained` False means that it starts from fresh weights."""

    name: str
    pretrained: bool

    def strategy(self, situation: Situation) -> Strategy:
        """The defaults for this situation; settings given by hand take the place of single fields later."""
        ...


def epochs_for(situation: Situation, *, batch_size: int, steps: int, least: int, most: int) -> int:
    """The epochs that come to about `steps` steps, within `least` and `most`."""
    per_epoch = ceil(max(situation.items, 1) / batch_size)
    return min(max(ceil(steps / per_epoch), least), most)
