"""Models that come into question: what they may cost, what they do cost, and those that were left out."""

from __future__ import annotations

from pydantic import Field, PositiveFloat, PositiveInt

from headstart.core.card import ModelCard
from headstart.core.record import Record


class Limits(Record):
    """What a model may have and cost; None and an empty tuple allow everything.

    `max_parameters` counts the network without its old head; `max_latency_ms` is for one item by itself on this
    machine; `max_memory` is in bytes, for one item by itself; `licences` are SPDX ids, or `permissive` for all that
    allow commercial use and ask for no more than a notice.
    """

    max_parameters: PositiveInt | None = None
    max_latency_ms: PositiveFloat | None = None
    max_memory: PositiveInt | None = None
    licences: tuple[str, ...] = ()


class Skipped(Record):
    """A model that does not come into question, and why, as a sentence without its subject and full stop."""

    id: str
    why: str


class Candidates(Record):
    """The models that come into question, in the order asked for, and those that were asked for and do not."""

    cards: tuple[ModelCard, ...] = ()
    skipped: tuple[Skipped, ...] = ()


class Cost(Record):
    """What running a network costs on one machine, measured at `size` (height, width).

    `single_ms` is the median time of one item by itself, `batch_ms` that of an item in a batch of `batch`;
    `memory` is in bytes, estimated: weights and what one item by itself needs at the peak. `training_memory` is the
    same for training all weights with AdamW in batches of 16.
    """

    device: str
    precision: str
    threads: int
    size: tuple[int, int]
    single_ms: float
    batch_ms: float
    batch: int
    repeats: int = Field(ge=1)
    memory: int
    training_memory: int


class Prior(Record):
    """How good a model can be expected to be with nothing known of the target data.

    `score` is a top-1 accuracy on ImageNet-1k, published or (`estimated`) from the model's size and the scale of what
    it has learnt from; None where neither is known. `why` is a sentence.
    """

    score: float | None
    why: str
    estimated: bool = False
