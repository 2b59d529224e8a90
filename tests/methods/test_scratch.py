"""Training from scratch is planned for itself."""

from __future__ import annotations

from headstart.methods.full import Full
from headstart.methods.scratch import Scratch
from tests.methods.situations import PHOTOS


def test_everything_is_trained_at_one_rate_and_for_longer() -> None:
    strategy = Scratch().strategy(PHOTOS)
    assert not Scratch.pretrained
    assert len(strategy.rules) == 1
    assert strategy.rules[0].learning_rate is not None
    assert strategy.normalisation == "trained"
    assert strategy.epochs > Full().strategy(PHOTOS).epochs
