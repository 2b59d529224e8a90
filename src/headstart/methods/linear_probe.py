"""A linear head on frozen features."""

from __future__ import annotations

from typing import Literal

from headstart.core.strategy import Rule, Strategy
from headstart.methods.method import Situation

LOGISTIC_LIMIT = 20_000_000
"""Items times classes above which the closed form is taken: logistic regression passes over both many times."""


class LinearProbe:
    """Nothing below the head moves, so every picture passes through the network once, and the head is solved exactly.

    Its strength is cross-validated. The settings of the training loop apply with the `gradient` solver only.
    """

    name = "linear-probe"
    pretrained = True

    def strategy(self, situation: Situation) -> Strategy:
        """Logistic regression, or ridge regression where that would take too long."""
        return Strategy(
            method=self.name,
            rules=(Rule(pattern="backbone.*"), Rule(pattern="head.*", learning_rate=3e-3)),
            solver=solver_for(items=situation.items, classes=situation.classes),
            optimizer="adamw",
            epochs=30,
            batch_size=32,
            warm_up=0.1,
        )


def solver_for(*, items: int, classes: int) -> Literal["logistic", "ridge"]:
    """How a head for so many items and classes is solved."""
    return "ridge" if items * classes > LOGISTIC_LIMIT else "logistic"
