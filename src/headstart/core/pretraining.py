"""What the user may decide about a pretraining, and what one leaves behind."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from headstart.core.errors import OptionError
from headstart.core.modality import nouns
from headstart.core.record import Record
from headstart.core.strategy import Augmentation

ObjectiveName = Literal["classification", "masked-language-model"]

BY_MODALITY: dict[str, ObjectiveName] = {"image": "classification", "text": "masked-language-model"}
"""What is learnt, by what the items are."""

USUAL: dict[ObjectiveName, dict[str, Any]] = {
    "classification": {
        "architecture": "resnet18",
        "optimizer": "sgd",
        "learning_rate": 0.1,
        "weight_decay": 2e-4,
        "label_smoothing": 0.1,
    },
    "masked-language-model": {
        "architecture": "modernbert",
        "optimizer": "adamw",
        "learning_rate": 1e-3,
        "weight_decay": 0.01,
        "label_smoothing": 0.0,
    },
}
"""What is meant where nothing is said, by what is learnt."""

ONLY: dict[ObjectiveName, tuple[str, ...]] = {
    "classification": ("image_size", "start_size", "augmentation"),
    "masked-language-model": ("window", "masked_share", "vocabulary"),
}
"""Options that make sense for one objective only."""


class PretrainOptions(Record):
    """Everything about a pretraining that is not the data.

    `objective` is what is learnt: the labels of pictures (`classification`), or the words that are left out of texts
    (`masked-language-model`), which need no labels; `auto` goes by what the items are. What is None is as `USUAL` has
    it. `architecture` is a name of timm's registry, or for texts a model type of transformers; `architecture_args` what
    its factory, or its config, takes besides.

    Pictures start with `start_size` pixels a side and reach `image_size` after three quarters of the epochs (None: one
    size all the time): small pictures teach the coarse things in a fraction of the time. Texts are read in windows of
    `window` tokens, in each of which `masked_share` of the tokens have to be guessed; `vocabulary` is how many
    different tokens there are at most.

    `average_decay` keeps an exponential average of the weights. `max_minutes` ends the training early; what has been
    learnt by then is saved. `held_out` is the share of unsplit data that is measured on and not trained on. `data_name`
    is what the model's card calls the data (empty: by their folder), `licence` what you give the weights under.
    """

    objective: Literal["auto"] | ObjectiveName = "auto"
    architecture: str | None = None
    architecture_args: dict[str, Any] = {}
    image_size: int = Field(default=64, ge=8, le=4096)
    start_size: int | None = Field(default=None, ge=8, le=4096)
    window: int = Field(default=128, ge=8, le=512)
    masked_share: float = Field(default=0.15, gt=0, lt=1)
    vocabulary: int = Field(default=5000, ge=16, le=200_000)
    epochs: int = Field(default=10, ge=1)
    batch_size: int = Field(default=64, ge=2)
    optimizer: Literal["sgd", "adamw"] | None = None
    learning_rate: float | None = Field(default=None, gt=0)
    weight_decay: float | None = Field(default=None, ge=0)
    warm_up: float = Field(default=0.1, ge=0, lt=1)
    label_smoothing: float | None = Field(default=None, ge=0, lt=1)
    augmentation: Augmentation = "crop"
    average_decay: float | None = Field(default=None, gt=0, lt=1)
    max_minutes: float | None = Field(default=None, gt=0)
    held_out: float = Field(default=0.05, gt=0, lt=1)
    data_name: str = Field(default="", max_length=80)
    licence: str = "unknown"
    seed: int = Field(default=0, ge=0, lt=2**32)
    device: str = "auto"
    precision: Literal["auto", "float32", "bfloat16"] = "auto"

    def settled(self, modality: str) -> PretrainOptions:
        """The options with nothing left open, for items of this kind.

        Raises `OptionError`, with all problems at once, for an objective that such items cannot have, and for options
        that belong to another one.
        """
        fitting = BY_MODALITY[modality]
        objective = fitting if self.objective == "auto" else self.objective
        if objective != fitting:
            raise OptionError(
                f"--objective {objective} is not for {nouns(modality)}.",
                hint=f"{nouns(modality).capitalize()} have --objective {fitting}.",
            )
        usual = PretrainOptions()
        foreign = [name for other, names in ONLY.items() if other != objective for name in names]
        wrong = [name for name in foreign if getattr(self, name) != getattr(usual, name)]
        if wrong:
            raise OptionError([f"--{name.replace('_', '-')} is not for {nouns(modality)}." for name in wrong])
        left_open = {name: value for name, value in USUAL[objective].items() if getattr(self, name) is None}
        return self.model_copy(update={"objective": objective, **left_open})


class PretrainRecord(Record):
    """One pretraining, carried out.

    `accuracy` is the share of held-out pictures whose most probable label is theirs, or of the tokens left out of
    held-out texts whose most probable guess is right, measured with the saved model after it was loaded again; None
    where nothing was held out. `labels` is how many labels, or tokens, there are to choose from. `stopped` says why the
    training ended early.
    """

    options: PretrainOptions
    source: str
    labels: int
    items: dict[str, int]
    held_out: str
    parameters: int
    epochs: int
    steps: int
    accuracy: float | None = None
    stopped: str = ""
    seconds: float
    examples_per_second: float
    environment: dict[str, str] = {}
