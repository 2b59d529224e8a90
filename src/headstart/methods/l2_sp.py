"""Full fine-tuning whose body is pulled back to its pretrained weights (L2-SP, Li, Grandvalet and Davoine 2018)."""

from __future__ import annotations

from headstart.core.strategy import Strategy
from headstart.methods.full import Full
from headstart.methods.method import Situation

ANCHOR = 0.01
"""The paper tries 0.001 to 1 with SGD; the trade-off that TLlib's scripts use is 0.01. Not measured here."""


class L2Sp:
    """`full`, with half the squared distance of the body to its start in place of its weight decay.

    The head, which has no start worth keeping, has plain weight decay.
    """

    name = "l2-sp"
    pretrained = True

    def strategy(self, situation: Situation) -> Strategy:
        """As `full`; what differs is what the body is pulled to."""
        return Full().strategy(situation).model_copy(update={"method": self.name, "anchor": ANCHOR})
