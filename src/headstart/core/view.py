"""How a saved model looks at an item: whose features, and a head on them. Several views are averaged."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from headstart.core.card import Architecture, ModelCard
from headstart.core.places import local_name, without_place
from headstart.core.record import Record


class Network(Record):
    """One network of a saved model: what it came from, and how to build it again.

    Where models and data lay on the machine that trained is not kept: of local ones, the name of the folder is.
    `precision` is the one to compute its features in, None that of the whole model.
    """

    card: ModelCard
    architecture: Architecture
    precision: Literal["float32", "bfloat16"] | None = None

    @field_validator("card")
    @classmethod
    def _without_places(cls, card: ModelCard) -> ModelCard:
        return card.model_copy(
            update={
                "id": without_place(card.id),
                "pretrained_on": local_name(card.pretrained_on),
                "ancestry": tuple(map(local_name, card.ancestry)),
                "location": "",
            }
        )


class View(Record):
    """A head on the features of one network, or of several side by side.

    `name` is that of its kind, `networks` are places in the model's list of networks; without any, the head reads the
    words of a text. `stages` takes the features of several layers instead of the pooled ones; `unit_length` brings them
    to length 1; `mirrored` averages the features of a picture and of its mirror image. The model's answer is the mean
    of the views' probabilities, weighted by `weight`. `strength` is the regularisation of a head that was solved.
    """

    name: str = "probe"
    networks: tuple[int, ...] = (0,)
    stages: bool = False
    unit_length: bool = False
    mirrored: bool = False
    weight: float = Field(default=1.0, gt=0)
    strength: float | None = None


class ViewResult(Record):
    """What one view said of items that it was not trained on: the goal's metric (higher is better) and the log loss.

    `weight` is what it counts for in the saved model, 0 where it is not part of it; `passes` are the forward passes of
    a network that a prediction takes, `milliseconds` the time a picture, by the pace measured on this machine.
    """

    name: str
    score: float
    log_loss: float
    weight: float
    passes: int
    milliseconds: float | None = None
    mirrored: bool = False
    strength: float | None = None
