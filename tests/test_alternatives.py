"""What a search tries: each setting moves one thing."""

from __future__ import annotations

import pytest

from headstart.alternatives import PLANNED, alternatives
from headstart.core.card import InputFacts, ModelCard
from headstart.core.strategy import Rule, Strategy
from headstart.methods import METHODS
from headstart.methods.method import Situation
from headstart.methods.suited import strategy_for

CARD = ModelCard(id="timm/resnet18", source="timm", input=InputFacts())
HERE = Situation(items=500, classes=5, card=CARD)


def changed(planned: Strategy, other: Strategy) -> set[str]:
    return {name for name in Strategy.model_fields if getattr(planned, name) != getattr(other, name)}


def test_the_planned_setting_comes_first_and_the_others_move_one_thing() -> None:
    planned = METHODS["lp-ft"]().strategy(HERE)
    found = alternatives(planned, HERE, steps=150)
    assert next(iter(found)) == PLANNED
    assert found[PLANNED] == planned.model_copy(update={"steps": 150})
    for name, setting in found.items():
        assert setting.steps is not None
        assert 150 <= setting.steps <= 300, name
        if setting.method == planned.method and name != PLANNED:
            assert 1 <= len(changed(found[PLANNED], setting)) <= 2, name
    assert len({setting.model_dump_json() for setting in found.values()}) == len(found)


@pytest.mark.parametrize(
    ("method", "card", "planned_decay"),
    [
        ("lp-ft", CARD, 1.0),
        ("lp-ft", ModelCard(id="hf/a/b", source="hf", modality="text"), 0.8),
        ("full", ModelCard(id="timm/vit_small_patch16_224", source="timm", input=InputFacts()), 0.75),
    ],
)
def test_lower_rates_are_lower_than_planned(method: str, card: ModelCard, planned_decay: float) -> None:
    situation = Situation(items=500, classes=5, card=card)
    planned = strategy_for(method, situation)
    assert planned.layer_decay == planned_decay
    found = alternatives(planned, situation, steps=150)
    assert found["lower rates further from the head"].layer_decay == pytest.approx(0.8 * planned_decay)
    assert len({setting.model_dump_json() for setting in found.values()}) == len(found)


def test_what_comes_to_the_planned_setting_is_not_tried_again() -> None:
    frozen = METHODS["lp-ft"]().strategy(HERE).model_copy(update={"rules": (Rule(pattern="*"),)})
    found = alternatives(frozen, HERE, steps=150)
    assert PLANNED in found
    assert not {"a third of the rate", "three times the rate"} & found.keys()


def test_rates_move_in_every_rule_that_learns() -> None:
    planned = METHODS["norm-only"]().strategy(HERE)
    found = alternatives(planned, HERE, steps=10)["three times the rate"]
    for before, after in zip(planned.rules, found.rules, strict=True):
        if before.learning_rate is None:
            assert after.learning_rate is None
        else:
            assert after.learning_rate == pytest.approx(3 * before.learning_rate)


def test_pictures_are_varied_only_where_they_are_already() -> None:
    planned = METHODS["lp-ft"]().strategy(HERE).model_copy(update={"augmentation": "none", "train_size": None})
    names = alternatives(planned, HERE, steps=10)
    assert not any("pictures" in name or "augmentation" in name for name in names)
    assert "full" in names
    assert "lp-ft" in alternatives(METHODS["full"]().strategy(HERE), HERE, steps=10)
