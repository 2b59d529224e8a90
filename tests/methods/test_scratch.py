"""Training from scratch is planned for itself."""

from __future__ import annotations

import pytest

from headstart.core.card import ModelCard
from headstart.methods.full import Full
from headstart.methods.method import Situation
from headstart.methods.scratch import Scratch
from headstart.methods.suited import SUITED, strategy_for
from headstart.train.groups import parameter_groups, set_modes
from tests.methods.situations import PHOTOS
from tests.train.tiny import tiny_model


def test_everything_is_trained_at_one_rate_and_for_longer() -> None:
    strategy = Scratch().strategy(PHOTOS)
    assert not Scratch.pretrained
    assert len(strategy.rules) == 1
    assert strategy.rules[0].learning_rate is not None
    assert strategy.normalisation == "trained"
    assert strategy.epochs > Full().strategy(PHOTOS).epochs


@pytest.mark.parametrize("items", [20, 200, 749, 5000, 100_000])
@pytest.mark.parametrize("model", ["timm/resnet18", "timm/vit_small_patch16_224"])
def test_it_is_no_straw_man(items: int, model: str) -> None:
    """Nothing frozen, one uniform rate, no favoured layers, and more steps than `full` in the same situation."""
    situation = Situation(items=items, classes=5, card=ModelCard(id=model, source="timm"))
    strategy, full = Scratch().strategy(situation), Full().strategy(situation)
    network, _ = tiny_model()
    groups = parameter_groups(network, strategy)
    assert sum(len(group.parameters) for group in groups) == len(list(network.parameters()))
    assert len({group.learning_rate for group in groups}) == 1
    assert (strategy.layer_decay, strategy.thaw, strategy.anchor, strategy.adapter) == (1.0, 0.0, 0.0, None)
    set_modes(network, strategy)
    assert all(module.training for module in network.modules())
    assert strategy.batch_size is not None
    assert full.batch_size is not None
    assert strategy.epochs * -(-items // strategy.batch_size) > full.epochs * -(-items // full.batch_size)


@pytest.mark.parametrize("items", [8, 32, 200, 749, 5000, 100_000])
@pytest.mark.parametrize("task", [*SUITED])
def test_it_has_the_longer_schedule_whatever_the_items_are(task: str, items: int) -> None:
    modality = "text" if task in ("text", "token-classification") else "image"
    card = ModelCard(id="test/network", source="timm", modality=modality, parameters=22_000_000)
    situation = Situation(items, 5, card, task)

    def steps(method: str) -> int:
        strategy = strategy_for(method, situation)
        return strategy.epochs * -(-items // (strategy.batch_size or 32))

    assert steps("scratch") > max(steps(method) for method in ("full", "lp-ft", "gradual", "l2-sp", "lora"))
