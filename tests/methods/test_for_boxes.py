from __future__ import annotations

import pytest

from headstart.core.card import ModelCard
from headstart.methods.for_boxes import BODY, HEAD, OWN_BODY, OWN_HEAD, OWN_SCRATCH, SCRATCH
from headstart.methods.method import Situation
from headstart.methods.suited import strategy_for

SITUATION = Situation(200, 3, ModelCard(id="timm/x", source="timm"), "object-detection")


@pytest.mark.parametrize(
    "method", ["full", "lp-ft", "scratch", "linear-probe", "gradual", "l2-sp", "norm-only", "lora"]
)
def test_every_method_suits_boxes(method: str) -> None:
    strategy = strategy_for(method, SITUATION)
    assert strategy.solver == "gradient"
    assert strategy.batch_size == 8
    rates = {rule.pattern: rule.learning_rate for rule in strategy.rules}
    head = next(rate for pattern, rate in rates.items() if pattern.startswith("head"))
    assert head == (SCRATCH if method == "scratch" else HEAD)


def test_what_is_frozen_stays_frozen() -> None:
    rates = [rule.learning_rate for rule in strategy_for("linear-probe", SITUATION).rules]
    assert None in rates
    assert strategy_for("full", SITUATION).normalisation == "frozen"
    assert strategy_for("scratch", SITUATION).normalisation == "trained"


def test_the_body_moves_slower_than_the_head() -> None:
    for method in ("full", "lp-ft"):
        rates = {rule.pattern: rule.learning_rate for rule in strategy_for(method, SITUATION).rules}
        assert rates == {"head.*": HEAD, "backbone.*": BODY}


def test_a_detector_that_brings_its_own_head_moves_slower() -> None:
    card = ModelCard(id="torchvision/x", source="torchvision", gives=("pooled", "boxes", "gradient"))
    situation = Situation(200, 3, card, "object-detection")
    rates = {rule.pattern: rule.learning_rate for rule in strategy_for("lp-ft", situation).rules}
    assert rates == {"head.*": OWN_HEAD, "backbone.*": OWN_BODY}
    assert {rule.learning_rate for rule in strategy_for("scratch", situation).rules} == {OWN_SCRATCH}
