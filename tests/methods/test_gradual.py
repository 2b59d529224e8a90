"""Full fine-tuning in another order."""

from __future__ import annotations

from headstart.methods.full import Full
from headstart.methods.gradual import Gradual
from tests.methods.situations import PHOTOS


def test_it_is_full_fine_tuning_but_for_the_thaw() -> None:
    strategy = Gradual().strategy(PHOTOS)
    assert 0 < strategy.thaw < 1
    assert strategy.model_copy(update={"method": "full", "thaw": 0.0}) == Full().strategy(PHOTOS)
