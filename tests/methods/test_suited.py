from __future__ import annotations

import pytest

from headstart.core.card import ModelCard, TextInput
from headstart.core.modality import NOUNS
from headstart.core.strategy import STRUCTURED_METRICS
from headstart.methods import METHODS
from headstart.methods.method import Situation
from headstart.methods.suited import SUITED, strategy_for, text_rate
from tests.methods.situations import PHOTOS

SMALL = ModelCard(id="hf/a/b", source="hf", modality="text", parameters=22_000_000, input=TextInput(tokenizer="t"))
TINY = SMALL.model_copy(update={"parameters": 2_300_000})
LARGE = SMALL.model_copy(update={"parameters": 110_000_000})


def texts(items: int, card: ModelCard = SMALL) -> Situation:
    return Situation(items=items, classes=2, card=card)


def test_every_kind_of_item_has_its_strategies() -> None:
    assert set(SUITED) == set(NOUNS) | set(STRUCTURED_METRICS)


@pytest.mark.parametrize("method", METHODS.names())
def test_pictures_get_what_the_method_says(method: str) -> None:
    assert strategy_for(method, PHOTOS) == METHODS[method]().strategy(PHOTOS)


@pytest.mark.parametrize("method", ["full", "gradual", "l2-sp", "lp-ft", "lora", "norm-only", "scratch"])
def test_texts_are_trained_by_adamw_with_a_warm_up(method: str) -> None:
    found = strategy_for(method, texts(500))
    smoothed = 0.1 if method == "scratch" else 0.0
    assert (found.optimizer, found.warm_up, found.train_size, found.label_smoothing) == ("adamw", 0.1, None, smoothed)
    assert found.rules[-1].pattern in ("*", "backbone.*")
    assert found.augmentation == "crop"


def test_rates_follow_the_size_of_the_network() -> None:
    assert [text_rate(each) for each in (texts(500), texts(5000), texts(500, LARGE))] == [2e-4, 2e-4, 5e-5]
    assert [text_rate(texts(items, TINY)) for items in (500, 5000)] == [5e-4, 5e-4]
    found = strategy_for("lp-ft", texts(600))
    assert (found.layer_decay, found.rules[0].learning_rate, found.epochs) == (0.8, 2e-4, 6)
    assert strategy_for("full", texts(60_000)).epochs == 3
    assert strategy_for("full", texts(32)).epochs == 40
    head, body = strategy_for("full", texts(600)).rules
    assert head.learning_rate == pytest.approx(10 * (body.learning_rate or 0))


@pytest.mark.parametrize("items", [16, 789, 20_000])
def test_scratch_is_no_straw_man_on_texts(items: int) -> None:
    """One rate, longer than fine-tuning; but ended where the validation part says so, since it learns by heart."""
    scratch, full = strategy_for("scratch", texts(items)), strategy_for("full", texts(items))
    assert [rule.pattern for rule in scratch.rules] == ["*"]
    assert (scratch.layer_decay, scratch.early_stopping) == (1.0, True)
    assert scratch.epochs > full.epochs
    assert strategy_for("scratch", texts(789)).epochs <= 10


def test_a_probe_is_a_probe() -> None:
    assert strategy_for("linear-probe", texts(500)) == METHODS["linear-probe"]().strategy(texts(500))
