"""The arm that is asked about."""

from __future__ import annotations

from headstart.comparing.chosen import ARM
from headstart.core.verdict import VerdictOptions


def test_it_is_the_model_by_the_strategy_that_was_asked_for() -> None:
    (entry,) = ARM.entries(VerdictOptions(model="m", strategy="lora"))
    assert (entry.options.model, entry.options.strategy, entry.role) == ("m", "lora", "transfer")
    assert not entry.fresh
    assert not entry.learns_from_validation
    assert "lora" in entry.title
