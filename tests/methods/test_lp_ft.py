"""Fine-tuning from the probe's head."""

from __future__ import annotations

import pytest

from headstart.core.card import InputFacts, ModelCard
from headstart.methods.lp_ft import LpFt, train_size
from headstart.methods.method import Situation
from tests.methods.situations import PHOTOS


def test_it_starts_from_the_probe_at_one_rate() -> None:
    strategy = LpFt().strategy(PHOTOS)
    assert strategy.start == "probe"
    assert [rule.learning_rate for rule in strategy.rules] == [3e-4]
    assert (strategy.label_smoothing, strategy.normalisation, strategy.early_stopping) == (0.0, "frozen", True)


@pytest.mark.parametrize(
    ("facts", "side"),
    [
        (InputFacts(size=(224, 224)), 160),
        (InputFacts(size=(448, 448)), 320),
        (InputFacts(size=(160, 160)), None),
        (InputFacts(size=(64, 64)), None),
        (InputFacts(size=(224, 224), fixed_size=True), None),
        (InputFacts(size=(224, 192)), None),
        (None, None),
    ],
)
def test_training_pictures_are_smaller_where_that_costs_nothing(facts: InputFacts | None, side: int | None) -> None:
    card = ModelCard(id="timm/resnet18", source="timm", input=facts)
    assert train_size(Situation(items=200, classes=5, card=card)) == side
