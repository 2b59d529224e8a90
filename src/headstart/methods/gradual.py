"""Gradual unfreezing: the head first, then one layer group after the other (ULMFiT, Howard and Ruder 2018)."""

from __future__ import annotations

from headstart.core.strategy import Strategy
from headstart.methods.full import Full
from headstart.methods.method import Situation

THAW = 0.5
"""Half of the steps, so that all layers train together for the other half. The paper opens a group each epoch, for four
groups; networks here have up to thirty. Not measured here."""


class Gradual:
    """`full`, but the body joins from the head downwards: a fresh head then learns before it can pull the body away."""

    name = "gradual"
    pretrained = True

    def strategy(self, situation: Situation) -> Strategy:
        """As `full`; what differs is when a layer begins to learn."""
        return Full().strategy(situation).model_copy(update={"method": self.name, "thaw": THAW})
