"""Fine-tuning of every layer, as it was measured."""

from __future__ import annotations

import pytest

from headstart.core.card import ModelCard
from headstart.methods.full import Full
from headstart.methods.method import Situation
from tests.methods.situations import CARD, PHOTOS


def test_it_is_what_was_measured_on_749_photos() -> None:
    strategy = Full().strategy(PHOTOS)
    rates = {rule.pattern: rule.learning_rate for rule in strategy.rules}
    assert rates == pytest.approx({"head.*": 3e-3, "backbone.*": 3e-4})
    assert (strategy.optimizer, strategy.epochs, strategy.batch_size, strategy.warm_up) == ("adamw", 12, 32, 0.1)
    assert (strategy.schedule, strategy.label_smoothing, strategy.normalisation) == ("cosine", 0.1, "frozen")


def test_few_pictures_get_more_epochs_so_that_steps_do_not_run_short() -> None:
    few = Full().strategy(Situation(items=200, classes=10, card=CARD))
    assert few.batch_size is not None
    assert few.epochs * -(-200 // few.batch_size) >= 288
    assert Full().strategy(Situation(items=100_000, classes=10, card=CARD)).epochs == 12


@pytest.mark.parametrize(
    ("model", "rate"),
    [
        ("timm/vit_small_patch16_224.augreg_in1k", 1e-4),
        ("hf/microsoft/swin-tiny-patch4-window7-224", 1e-4),
        ("timm/convnext_tiny", 3e-4),
        ("timm/levit_128", 3e-4),
        ("hf/nvidia/segformer-b0-finetuned-ade-512-512", 1e-4),
        ("hf/nvidia/mit-b0", 1e-4),
        ("/data/pit_stop/resnet18", 3e-4),
    ],
)
def test_transformers_are_fine_tuned_at_a_lower_rate(model: str, rate: float) -> None:
    strategy = Full().strategy(
        Situation(items=500, classes=5, card=ModelCard(id=model, source=model.partition("/")[0]))
    )
    assert {rule.learning_rate for rule in strategy.rules if rule.pattern == "backbone.*"} == {rate}
    assert strategy.layer_decay == (0.75 if rate == 1e-4 else 1.0)
