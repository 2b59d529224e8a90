"""What holds for every method of the table."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.methods import METHODS
from headstart.methods.method import Situation, epochs_for
from headstart.train.groups import parameter_groups
from tests.methods.situations import CARD, PHOTOS
from tests.train.tiny import tiny_model


@pytest.mark.parametrize("name", METHODS.names())
def test_every_method_covers_every_parameter_and_bears_its_name(name: str) -> None:
    method = METHODS[name]()
    strategy = method.strategy(PHOTOS)
    assert name == method.name == strategy.method
    assert parameter_groups(tiny_model()[0], strategy)


@given(items=st.integers(1, 10**7), steps=st.integers(1, 5000))
def test_epochs_stay_within_their_limits_and_reach_the_steps_where_they_can(items: int, steps: int) -> None:
    situation = Situation(items=items, classes=2, card=CARD)
    epochs = epochs_for(situation, batch_size=32, steps=steps, least=10, most=60)
    assert 10 <= epochs <= 60
    assert epochs == 60 or epochs * -(-items // 32) >= steps
