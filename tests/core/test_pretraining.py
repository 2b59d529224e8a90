"""What pretraining options mean where they leave something open."""

from __future__ import annotations

import pytest

from headstart.core.errors import OptionError
from headstart.core.pretraining import USUAL, PretrainOptions


def test_what_is_left_open_goes_by_the_items() -> None:
    pictures, texts = PretrainOptions().settled("image"), PretrainOptions().settled("text")
    assert (pictures.objective, pictures.architecture, pictures.learning_rate) == ("classification", "resnet18", 0.1)
    assert (texts.objective, texts.architecture, texts.optimizer) == ("masked-language-model", "modernbert", "adamw")
    assert all(getattr(texts, name) == value for name, value in USUAL["masked-language-model"].items())
    assert texts.settled("text") == texts


def test_what_is_given_stays() -> None:
    found = PretrainOptions(learning_rate=0.5, label_smoothing=0.0, weight_decay=0.0).settled("image")
    assert (found.learning_rate, found.label_smoothing, found.weight_decay) == (0.5, 0.0, 0.0)


@pytest.mark.parametrize(("modality", "name", "value"), [("image", "window", 64), ("text", "augmentation", "strong")])
def test_what_belongs_to_another_objective_is_told(modality: str, name: str, value: object) -> None:
    with pytest.raises(OptionError, match=f"--{name} is not for"):
        PretrainOptions().model_copy(update={name: value}).settled(modality)
