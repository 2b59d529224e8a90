"""The arm that shows what the pretrained weights give as they are: a linear probe."""

from __future__ import annotations

from headstart.comparing.arm import Entry, Planned, fit_options
from headstart.core.verdict import VerdictOptions


class Frozen(Planned):
    """The linear probe of the pretrained network."""

    name = "linear-probe"

    def entries(self, asked: VerdictOptions) -> tuple[Entry, ...]:
        """There unless the probe is the transfer arm itself."""
        if asked.strategy == self.name:
            return ()
        return (
            Entry(
                arm=self.name,
                name=self.name,
                title="the pretrained network as it is, with a new last layer",
                role="other",
                options=fit_options(asked, strategy="linear-probe"),
            ),
        )


ARM = Frozen()
