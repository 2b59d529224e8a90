"""Views: ways to look at an item, each a head on features of the pretrained network, the fine-tuned one, or both."""

from __future__ import annotations

from headstart.views.kind import Kind

VIEWS: dict[str, Kind] = {
    "probe": Kind(networks=("pretrained",)),
    "stages": Kind(networks=("pretrained",), stages=True),
    "tuned": Kind(networks=("tuned",), solved=False),
    "refit": Kind(networks=("tuned",)),
    "refit-stages": Kind(networks=("tuned",), stages=True),
    "together": Kind(networks=("pretrained", "tuned")),
    "words": Kind(networks=(), words=True),
}
"""The measurements behind them are in docs/strategies.md; a new one is a line here."""
