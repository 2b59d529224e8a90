"""The pretrained weights as they are."""

from __future__ import annotations

from headstart.comparing.frozen import ARM
from headstart.core.verdict import VerdictOptions


def test_it_is_there_unless_it_is_the_transfer_arm_itself() -> None:
    (entry,) = ARM.entries(VerdictOptions(model="m"))
    assert (entry.options.strategy, entry.role) == ("linear-probe", "other")
    assert ARM.entries(VerdictOptions(model="m", strategy="linear-probe")) == ()
