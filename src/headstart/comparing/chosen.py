"""The arm that is asked about: the pretrained model, by the strategy that was given or `auto`."""

from __future__ import annotations

from headstart.comparing.arm import Entry, Planned, fit_options
from headstart.core.verdict import VerdictOptions


class Chosen(Planned):
    """What `fit` would do, kept to one network."""

    name = "transfer"

    def entries(self, asked: VerdictOptions) -> tuple[Entry, ...]:
        """Always there."""
        title = f"starts from the pretrained weights ({asked.strategy})"
        return (
            Entry(
                arm=self.name,
                name=self.name,
                title=title,
                role="transfer",
                options=fit_options(asked, strategy=asked.strategy),
            ),
        )


ARM = Chosen()
