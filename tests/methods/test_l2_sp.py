"""Full fine-tuning with another pull."""

from __future__ import annotations

from headstart.methods.full import Full
from headstart.methods.l2_sp import ANCHOR, L2Sp
from tests.methods.situations import PHOTOS


def test_it_is_full_fine_tuning_but_for_the_anchor() -> None:
    strategy = L2Sp().strategy(PHOTOS)
    assert strategy.anchor == ANCHOR > 0
    assert strategy.weight_decay > 0
    assert strategy.model_copy(update={"method": "full", "anchor": 0.0}) == Full().strategy(PHOTOS)
