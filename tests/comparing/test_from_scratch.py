"""The arm that transfer has to beat."""

from __future__ import annotations

from headstart.comparing.from_scratch import ARM
from headstart.core.verdict import VerdictOptions


def test_it_learns_from_all_labelled_items_by_a_schedule_of_its_own() -> None:
    (entry,) = ARM.entries(VerdictOptions(model="m", strategy="lora"))
    assert (entry.options.model, entry.options.strategy, entry.role) == ("m", "scratch", "from nothing")
    assert entry.learns_from_validation
