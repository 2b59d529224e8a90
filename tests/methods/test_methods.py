"""The defaults of each method, and that every parameter of a model is covered by them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.core.card import ModelCard
from headstart.methods import METHODS
from headstart.methods.method import Situation, epochs_for
from headstart.train.groups import parameter_groups
from tests.train.tiny import tiny_model

CARD = ModelCard(id="timm/resnet18", source="timm")
PHOTOS = Situation(items=749, classes=5, card=CARD)


@pytest.mark.parametrize("name", METHODS.names())
def test_every_method_covers_every_parameter_and_bears_its_name(name: str) -> None:
    method = METHODS[name]()
    strategy = method.strategy(PHOTOS)
    assert name == method.name == strategy.method
    assert parameter_groups(tiny_model()[0], strategy)


def test_a_linear_probe_freezes_the_body_and_is_solved_exactly() -> None:
    strategy = METHODS["linear-probe"]().strategy(PHOTOS)
    model, _ = tiny_model()
    groups = parameter_groups(model, strategy)
    assert {name for group in groups for name in group.parameters} == {"head.linear.weight", "head.linear.bias"}
    assert strategy.solver == "logistic"
    assert strategy.augmentation == "none"


def test_a_linear_probe_on_very_many_items_takes_the_closed_form() -> None:
    strategy = METHODS["linear-probe"]().strategy(Situation(items=1_000_000, classes=1000, card=CARD))
    assert strategy.solver == "ridge"


def test_full_is_what_was_measured_on_749_photos() -> None:
    strategy = METHODS["full"]().strategy(PHOTOS)
    rates = {rule.pattern: rule.learning_rate for rule in strategy.rules}
    assert rates == pytest.approx({"head.*": 3e-3, "backbone.*": 3e-4})
    assert (strategy.optimizer, strategy.epochs, strategy.batch_size, strategy.warm_up) == ("adamw", 12, 32, 0.1)
    assert (strategy.schedule, strategy.label_smoothing, strategy.normalisation) == ("cosine", 0.1, "frozen")


def test_few_pictures_get_more_epochs_so_that_steps_do_not_run_short() -> None:
    few = METHODS["full"]().strategy(Situation(items=200, classes=10, card=CARD))
    assert few.epochs * 7 >= 288
    assert METHODS["full"]().strategy(Situation(items=100_000, classes=10, card=CARD)).epochs == 12


@pytest.mark.parametrize(
    ("model", "rate"),
    [("timm/vit_small_patch16_224.augreg_in1k", 1e-4), ("hf/microsoft/swin-tiny", 1e-4), ("timm/convnext_tiny", 3e-4)],
)
def test_transformers_are_fine_tuned_at_a_lower_rate(model: str, rate: float) -> None:
    strategy = METHODS["full"]().strategy(Situation(items=500, classes=5, card=ModelCard(id=model, source="timm")))
    assert {rule.learning_rate for rule in strategy.rules if rule.pattern == "backbone.*"} == {rate}


def test_from_scratch_trains_everything_at_one_rate_and_for_longer() -> None:
    method = METHODS["scratch"]()
    strategy = method.strategy(PHOTOS)
    assert not method.pretrained
    assert len(strategy.rules) == 1
    assert strategy.rules[0].learning_rate is not None
    assert strategy.normalisation == "trained"
    assert strategy.epochs > METHODS["full"]().strategy(PHOTOS).epochs


@given(items=st.integers(1, 10**7), steps=st.integers(1, 5000))
def test_epochs_stay_within_their_limits_and_reach_the_steps_where_they_can(items: int, steps: int) -> None:
    epochs = epochs_for(Situation(items=items, classes=2, card=CARD), batch_size=32, steps=steps, least=10, most=60)
    assert 10 <= epochs <= 60
    assert epochs == 60 or epochs * -(-items // 32) >= steps
