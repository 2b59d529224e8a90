"""The arm that transfer has to beat: the same architecture, trained from fresh weights by a schedule of its own."""

from __future__ import annotations

from headstart.comparing.arm import Entry, Planned, fit_options
from headstart.core.verdict import VerdictOptions


class FromScratch(Planned):
    """`scratch`, with as many steps as the same time allows, up to four times its own, on all labelled items."""

    name = "scratch"

    def entries(self, asked: VerdictOptions) -> tuple[Entry, ...]:
        """Always there. It chooses nothing on validation data, so it learns from them."""
        return (
            Entry(
                arm=self.name,
                name=self.name,
                title="the same network from fresh weights, trained for itself",
                role="from nothing",
                options=fit_options(asked, strategy="scratch"),
                learns_from_validation=True,
            ),
        )


ARM = FromScratch()
