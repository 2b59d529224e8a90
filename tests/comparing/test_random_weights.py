"""The transfer arm, its pretrained weights taken away."""

from __future__ import annotations

from headstart.comparing import chosen
from headstart.comparing.random_weights import ARM
from headstart.core.verdict import VerdictOptions


def test_it_is_the_transfer_arm_but_for_the_weights() -> None:
    asked = VerdictOptions(model="m", strategy="lora", image_size=64)
    (entry,), (transfer,) = ARM.entries(asked), chosen.ARM.entries(asked)
    assert entry.fresh
    assert entry.role == "from nothing"
    assert entry.options == transfer.options
