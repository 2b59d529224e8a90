from __future__ import annotations

from fnmatch import fnmatchcase

import pytest

from headstart.core.card import ModelCard
from headstart.methods import METHODS
from headstart.methods.method import Situation
from headstart.methods.suited import strategy_for
from headstart.train.groups import rate_of


def situation(model: str = "timm/mobilenetv2_100", items: int = 300) -> Situation:
    return Situation(items, 11, ModelCard(id=model, source="timm"), "semantic-segmentation")


@pytest.mark.parametrize("method", METHODS.names())
def test_every_method_trains_by_steps_and_covers_every_parameter(method: str) -> None:
    strategy = strategy_for(method, situation())
    assert strategy.solver == "gradient"
    assert strategy.class_weights == "balanced"
    assert strategy.mixup == 0
    covered, head = rate_of("head.neck.lateral.0.0.weight", strategy.rules)
    assert covered
    assert head is not None
    assert rate_of("backbone.body.conv_stem.weight", strategy.rules)[0]
    assert any(fnmatchcase("backbone.body.x", rule.pattern) for rule in strategy.rules)


def test_the_frozen_body_stays_frozen() -> None:
    assert rate_of("backbone.body.x", strategy_for("linear-probe", situation()).rules) == (True, None)


def test_bodies_of_attention_learn_more_slowly() -> None:
    vit, segformer, resnet = (
        rate_of("backbone.x", strategy_for("full", situation(name)).rules)[1]
        for name in ("vit_tiny", "timm/segformer-b0-finetuned", "/data/vit/resnet")
    )
    assert (vit, segformer, resnet) == pytest.approx((1e-4, 1e-4, 3e-4))


def test_normalisation_is_kept_where_it_is_pretrained_and_trained_from_scratch() -> None:
    assert strategy_for("full", situation()).normalisation == "frozen"
    assert strategy_for("scratch", situation()).normalisation == "trained"


def test_few_pictures_are_seen_more_often() -> None:
    assert strategy_for("full", situation(items=20)).epochs > strategy_for("full", situation(items=2000)).epochs
