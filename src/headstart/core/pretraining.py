"""What the user may decide about a pretraining, and what one leaves behind."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from headstart.core.record import Record
from headstart.core.strategy import Augmentation


class PretrainOptions(Record):
    """Everything about a pretraining that is not the data.

    `architecture` is a name of timm's registry, `architecture_args` what its factory takes besides. Pictures start with
    `start_size` pixels a side and reach `image_size` after three quarters of the epochs (None: one size all the time):
    small pictures teach the coarse things in a fraction of the time. `average_decay` keeps an exponential average of
    the weights. `max_minutes` ends the training early; what has been learnt by then is saved. `held_out` is the share
    of unsplit data that is measured on and not trained on. `data_name` is what the model's card calls the data (empty:
    by their folder), `licence` what you give the weights under.
    """

    architecture: str = "resnet18"
    architecture_args: dict[str, Any] = {}
    image_size: int = Field(default=64, ge=8, le=4096)
    start_size: int | None = Field(default=None, ge=8, le=4096)
    epochs: int = Field(default=10, ge=1)
    batch_size: int = Field(default=64, ge=2)
    optimizer: Literal["sgd", "adamw"] = "sgd"
    learning_rate: float = Field(default=0.1, gt=0)
    weight_decay: float = Field(default=2e-4, ge=0)
    warm_up: float = Field(default=0.1, ge=0, lt=1)
    label_smoothing: float = Field(default=0.1, ge=0, lt=1)
    augmentation: Augmentation = "crop"
    average_decay: float | None = Field(default=None, gt=0, lt=1)
    max_minutes: float | None = Field(default=None, gt=0)
    held_out: float = Field(default=0.05, gt=0, lt=1)
    data_name: str = Field(default="", max_length=80)
    licence: str = "unknown"
    seed: int = Field(default=0, ge=0, lt=2**32)
    device: str = "auto"
    precision: Literal["auto", "float32", "bfloat16"] = "auto"


class PretrainRecord(Record):
    """One pretraining, carried out.

    `accuracy` is the share of held-out pictures whose most probable label is theirs, measured with the saved model
    after it was loaded again; None where nothing was held out. `stopped` says why the training ended early.
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
