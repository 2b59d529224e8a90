"""A linear probe: the body frozen, the head solved exactly."""

from __future__ import annotations

from headstart.methods.linear_probe import LinearProbe
from headstart.methods.method import Situation
from headstart.train.groups import parameter_groups
from tests.methods.situations import CARD, PHOTOS
from tests.train.tiny import tiny_model


def test_the_body_is_frozen_and_the_head_is_solved_exactly() -> None:
    strategy = LinearProbe().strategy(PHOTOS)
    groups = parameter_groups(tiny_model()[0], strategy)
    assert {name for group in groups for name in group.parameters} == {"head.linear.weight", "head.linear.bias"}
    assert strategy.solver == "logistic"
    assert strategy.augmentation == "none"


def test_very_many_items_and_classes_take_the_closed_form() -> None:
    strategy = LinearProbe().strategy(Situation(items=1_000_000, classes=1000, card=CARD))
    assert strategy.solver == "ridge"
