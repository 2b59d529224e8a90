from __future__ import annotations

import pytest

from headstart.core.card import InputFacts, ModelCard, TextInput
from headstart.core.errors import ModelError, OptionError
from headstart.core.options import FitOptions, StrategyOptions
from headstart.core.strategy import Reason
from headstart.models.inputs.input_choice import check_modality, choose_input

PICTURES = ModelCard(id="timm/x", source="timm", input=InputFacts())
TEXTS = ModelCard(id="hf/a/b", source="hf", modality="text", input=TextInput(tokenizer="t", length=32))


def test_long_texts_are_read_in_windows_unless_cut() -> None:
    reasons: list[Reason] = []
    assert choose_input(TEXTS, FitOptions(), reasons) == TEXTS.input
    assert reasons == []
    found = choose_input(TEXTS, FitOptions(long_texts="cut"), reasons)
    assert found == TextInput(tokenizer="t", length=32, long_texts="cut")
    assert [reason.choice for reason in reasons] == ["long texts"]


def test_channels_are_the_mean_of_the_known_ones() -> None:
    found = choose_input(PICTURES, FitOptions(channels=1, image_size=64), [])
    assert isinstance(found, InputFacts)
    assert (found.size, found.channels, len(found.mean)) == ((64, 64), 1, 1)


def test_options_for_items_of_another_kind_are_refused_together() -> None:
    settings = StrategyOptions(augmentation="flip", mixup=0.2, train_size=64)
    with pytest.raises(OptionError) as caught:
        choose_input(TEXTS, FitOptions(image_size=64, channels=3, mirrored=True, settings=settings), [])
    assert len(caught.value.problems) == 6
    with pytest.raises(OptionError, match="--long-texts is for texts"):
        choose_input(PICTURES, FitOptions(long_texts="cut"), [])
    choose_input(TEXTS, FitOptions(settings=StrategyOptions(augmentation="none")), [])


@pytest.mark.parametrize("task", ["object-detection", "semantic-segmentation"])
def test_what_boxes_and_masks_do_not_follow_is_refused(task: str) -> None:
    with pytest.raises(OptionError) as caught:
        choose_input(PICTURES, FitOptions(mirrored=True, settings=StrategyOptions(mixup=0.2)), [], task=task)
    assert list(caught.value.problems) == [
        f"--mirrored is for pictures with labels, not for {task}.",
        f"--mixup is for pictures with labels, not for {task}.",
    ]
    choose_input(PICTURES, FitOptions(mirrored=False, settings=StrategyOptions(mixup=0.0)), [], task=task)
    given = FitOptions(mirrored=True, settings=StrategyOptions(mixup=0.2))
    choose_input(PICTURES, given, [], task="image-classification")


def test_a_model_for_other_items_is_refused() -> None:
    check_modality(TEXTS, "text")
    with pytest.raises(ModelError, match="timm/x reads pictures, and the data are texts"):
        check_modality(PICTURES, "text")
    with pytest.raises(ModelError, match="Nothing is known of the tokenizer"):
        choose_input(TEXTS.model_copy(update={"input": None}), FitOptions(), [])
