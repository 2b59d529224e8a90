"""Contrastive few-shot tuning as data."""

from __future__ import annotations

import pytest

from headstart.core.card import ModelCard
from headstart.methods.contrastive import BATCH, LARGE_RATE, LEAST_STEPS, MOST_STEPS, RATE, Contrastive
from headstart.methods.method import Situation
from headstart.methods.suited import strategy_for

SMALL = ModelCard(id="hf/a/b", source="hf", modality="text", parameters=22_000_000)


def test_everything_moves_by_a_contrast_and_the_strength_of_the_head_is_given() -> None:
    strategy = Contrastive().strategy(Situation(items=32, classes=2, card=SMALL))
    assert strategy.contrast is not None
    assert [rule.pattern for rule in strategy.rules] == ["*"]
    assert strategy.strength is not None
    assert (strategy.early_stopping, strategy.start) == (False, "fresh")


@pytest.mark.parametrize(
    ("items", "epochs"), [(16, LEAST_STEPS), (32, 10), (48, 16), (2 * BATCH, MOST_STEPS // 2), (10_000, 1)]
)
def test_more_items_get_more_steps_up_to_one_epoch_of_many(items: int, epochs: int) -> None:
    assert Contrastive().strategy(Situation(items=items, classes=2, card=SMALL)).epochs == epochs


def test_larger_networks_learn_more_slowly() -> None:
    large = SMALL.model_copy(update={"parameters": 110_000_000})
    rates = [Contrastive().strategy(Situation(32, 2, card)).rules[0].learning_rate for card in (SMALL, large)]
    assert rates == [RATE, LARGE_RATE]


def test_texts_get_what_the_method_says() -> None:
    """It was measured on texts; the other methods' numbers are those of pictures."""
    situation = Situation(items=32, classes=2, card=SMALL)
    assert strategy_for("contrastive", situation) == Contrastive().strategy(situation)
