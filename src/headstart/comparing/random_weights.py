"""The arm that keeps the method honest: all that the transfer arm does, on fresh weights.

Negative transfer is defined by the same algorithm with and without the source (Wang et al. 2019). A probe of a random
network can be better than training from scratch on few items; without this arm, that would be credited to weights that
have learnt nothing.
"""

from __future__ import annotations

from headstart.comparing.arm import Entry, Planned, fit_options
from headstart.core.verdict import VerdictOptions


class RandomWeights(Planned):
    """The transfer arm, its pretrained weights taken away."""

    name = "random-weights"

    def entries(self, asked: VerdictOptions) -> tuple[Entry, ...]:
        """Always there."""
        return (
            Entry(
                arm=self.name,
                name=self.name,
                title="all that transfer does, on fresh weights",
                role="from nothing",
                options=fit_options(asked, strategy=asked.strategy),
                fresh=True,
            ),
        )


ARM = RandomWeights()
