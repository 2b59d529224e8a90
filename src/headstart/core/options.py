"""What the user may decide about a fit; everything left at None is planned, and the plan says why."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from headstart.core.record import Record
from headstart.core.strategy import Augmentation, MetricName


class StrategyOptions(Record):
    """Settings of the strategy given by hand; None leaves the method's own default.

    `learning_rate` is the head's, `backbone_learning_rate` that of everything else. `warm_up` is a fraction of steps.
    `rank` is that of an adapter. What the others mean is said by `Strategy`.
    """

    solver: Literal["logistic", "ridge", "gradient"] | None = None
    strength: float | None = Field(default=None, gt=0)
    optimizer: Literal["sgd", "adamw"] | None = None
    learning_rate: float | None = Field(default=None, gt=0)
    backbone_learning_rate: float | None = Field(default=None, gt=0)
    momentum: float | None = Field(default=None, ge=0, lt=1)
    nesterov: bool | None = None
    weight_decay: float | None = Field(default=None, ge=0)
    epochs: int | None = Field(default=None, ge=1)
    batch_size: int | None = Field(default=None, ge=1)
    schedule: Literal["constant", "cosine"] | None = None
    warm_up: float | None = Field(default=None, ge=0, lt=1)
    clip_norm: float | None = Field(default=None, gt=0)
    label_smoothing: float | None = Field(default=None, ge=0, lt=1)
    augmentation: Augmentation | None = None
    normalisation: Literal["frozen", "trained"] | None = None
    class_weights: Literal["none", "balanced"] | None = None
    early_stopping: bool | None = None
    layer_decay: float | None = Field(default=None, gt=0, le=1)
    thaw: float | None = Field(default=None, ge=0, lt=1)
    anchor: float | None = Field(default=None, ge=0)
    mixup: float | None = Field(default=None, ge=0)
    average_decay: float | None = Field(default=None, gt=0, lt=1)
    soup: bool | None = None
    train_size: int | None = Field(default=None, ge=8, le=4096)
    rank: int | None = Field(default=None, ge=1)


class FitOptions(Record):
    """Everything about a fit that is not the data: which model, which strategy, what to optimise, on what machine.

    `validation` and `test` are the fractions carved out of unsplit data; a test split that came with the data is used
    as it is. `channels` is the number of input channels of the network (None: the model's own, three for most).
    `long_texts` says whether texts longer than the model's window are read in several of them or cut.
    `mirrored` averages what is made of a picture and of its mirror image; None lets `auto` try both. `budget` is in
    seconds of the whole fit; `single` keeps what `auto` combines to one network with one head.
    """

    model: str = "auto"
    strategy: str = "auto"
    metric: MetricName = "accuracy"
    specificity: float = Field(default=0.9, gt=0, lt=1)
    image_size: int | None = Field(default=None, ge=8, le=4096)
    channels: int | None = Field(default=None, ge=1, le=16)
    long_texts: Literal["windows", "cut"] | None = None
    seed: int = Field(default=0, ge=0, lt=2**32)
    device: str = "auto"
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    validation: float = Field(default=0.2, ge=0, lt=1)
    test: float = Field(default=0.2, ge=0, lt=1)
    mirrored: bool | None = None
    budget: float | None = Field(default=None, gt=0)
    single: bool = False
    settings: StrategyOptions = StrategyOptions()
