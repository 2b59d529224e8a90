"""A model's card and the user's options -> how its inputs are made, each choice with its reason."""

from __future__ import annotations

from collections.abc import Callable

from headstart.core.card import InputFacts, ModelCard, ModelInput, TextInput
from headstart.core.dataset import Dataset
from headstart.core.errors import ModelError, OptionError
from headstart.core.modality import nouns
from headstart.core.options import FitOptions
from headstart.core.strategy import STRUCTURED_METRICS, Reason
from headstart.models.inputs.box_input import box_input
from headstart.models.inputs.mask_input import mask_input

PICTURES_ONLY = ("image_size", "channels", "mirrored")
PICTURE_SETTINGS = ("train_size", "mixup")
LABELS_ONLY = ("mirrored", "mixup")
"""What is done to pictures so that their boxes or masks no longer fit."""
AUGMENTATIONS = {"text": ("none", "crop")}
"""Where not all of them make sense: a text can be seen through one window at a time."""


def choose_input(card: ModelCard, options: FitOptions, reasons: list[Reason], *, task: str = "") -> ModelInput:
    """How inputs are made for this task. Raises `OptionError` for options that the model cannot follow."""
    problems = _misplaced(card.modality, options, task=task)
    if problems:
        raise OptionError(problems)
    return CHOICES[task if task in CHOICES else card.modality](card, options, reasons)


def check_modality(card: ModelCard, modality: str) -> None:
    """Raise `ModelError` where a model reads something else than the data hold."""
    if card.modality != modality:
        raise ModelError(
            f"{card.id} reads {nouns(card.modality)}, and the data are {nouns(modality)}.",
            hint="headstart models list says what each model reads.",
        )


def _misplaced(modality: str, options: FitOptions, *, task: str) -> list[str]:
    """What is said of options that are for items of another kind."""
    if modality == "image":
        problems = ["--long-texts is for texts."] if options.long_texts is not None else []
        more = task in STRUCTURED_METRICS
        given = [name for name in LABELS_ONLY if getattr(options, name, None) or getattr(options.settings, name, None)]
        return problems + [f"{_option(name)} is for pictures with labels, not for {task}." for name in given if more]
    given = [name for name in PICTURES_ONLY if getattr(options, name)]
    given += [name for name in PICTURE_SETTINGS if getattr(options.settings, name)]
    problems = [f"{_option(name)} is for pictures." for name in given]
    augmentation = options.settings.augmentation
    if augmentation not in (None, *AUGMENTATIONS[modality]):
        problems.append(f"--augmentation {augmentation} is for pictures; texts know none and crop, a window at a time.")
    return problems


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _pictures(card: ModelCard, options: FitOptions, reasons: list[Reason]) -> ModelInput:
    facts = card.input if isinstance(card.input, InputFacts) else InputFacts()
    if options.image_size is not None:
        if facts.fixed_size and facts.size != (options.image_size,) * 2:
            raise OptionError(
                f"--image-size {options.image_size}: {card.id} takes {facts.size[0]} x {facts.size[1]} pixels only."
            )
        facts = facts.model_copy(update={"size": (options.image_size, options.image_size)})
        reasons.append(Reason(choice="image size", value=str(options.image_size), why="given"))
    if options.channels is not None and options.channels != facts.channels:
        facts = _with_channels(facts, options.channels)
        reasons.append(Reason(choice="channels", value=str(options.channels), why="given"))
    return facts


def _with_channels(facts: InputFacts, channels: int) -> InputFacts:
    """Facts for another number of channels: the mean over the known ones serves for every new one."""
    mean, std = (sum(values) / len(values) for values in (facts.mean, facts.std))
    return facts.model_copy(update={"channels": channels, "mean": (mean,) * channels, "std": (std,) * channels})


def _texts(card: ModelCard, options: FitOptions, reasons: list[Reason]) -> ModelInput:
    facts = card.input
    if not isinstance(facts, TextInput):
        raise ModelError(f"Nothing is known of the tokenizer of {card.id}.", hint="headstart models show says more.")
    if options.long_texts is None:
        return facts
    reasons.append(Reason(choice="long texts", value=options.long_texts, why="given"))
    return facts.model_copy(update={"long_texts": options.long_texts})


def _tokens(card: ModelCard, options: FitOptions, reasons: list[Reason]) -> ModelInput:
    if options.long_texts is not None:
        raise OptionError("--long-texts is for texts with labels; of words none is cut, all have a tag.")
    return _texts(card, options, reasons)


def fit_input(dataset: Dataset, facts: ModelInput, options: FitOptions, reasons: list[Reason]) -> ModelInput:
    """The facts with what the data ask for, for tasks where they do."""
    return FITTED[dataset.task](dataset, facts, options, reasons) if dataset.task in FITTED else facts


FITTED: dict[str, Callable[[Dataset, ModelInput, FitOptions, list[Reason]], ModelInput]] = {
    "object-detection": box_input,
    "semantic-segmentation": mask_input,
}
"""By the name of the task."""
CHOICES: dict[str, Callable[[ModelCard, FitOptions, list[Reason]], ModelInput]] = {
    "image": _pictures,
    "text": _texts,
    "token-classification": _tokens,
}
"""By the name of the task where that has its own way, else by what the items are."""
