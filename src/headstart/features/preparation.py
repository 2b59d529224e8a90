"""From items as they are stored to batches that a network takes: by what the items are, and by nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from torch import Tensor

from headstart.core.card import InputFacts, ModelInput
from headstart.core.dataset import Indices, InputColumn
from headstart.core.ledger import Event
from headstart.features.pictures import PicturePreparation
from headstart.features.tiles import TiledPreparation
from headstart.models.backbone import Backbone


class Preparation(Protocol):
    """How the inputs of one network are made. Threads may share it."""

    version: int
    """Raised when what it makes of an item changes: a part of the key of cached features."""

    def content_hash(self, raw: Any) -> bytes:
        """16 bytes that identify a stored item, as the scan of a data set has them."""
        ...

    def prepare(self, raws: Sequence[Any]) -> list[Any]:
        """Stored items, made ready one by one. Raises `DataError` for the first that cannot be used."""
        ...

    def at_once(self, device: str) -> int:
        """How many items are made ready together, before they are put into batches."""
        ...

    def batches(self, prepared: Sequence[Any], *, device: str) -> list[Indices]:
        """Which of these items run together: every item in one batch."""
        ...

    def collate(self, prepared: Sequence[Any], *, device: str) -> Tensor:
        """The input of the network, on the device, for items that were made ready."""
        ...

    def trial(self, inputs: InputColumn, *, items: int, device: str) -> Tensor:
        """Inputs of about the usual size, for measuring how long the network takes."""
        ...

    def passes(self, inputs: InputColumn) -> float:
        """How many passes of the size of a training step's an item takes on average when it is taken in whole."""
        ...

    def losses(self, inputs: InputColumn) -> list[Event]:
        """What of the items does not fit into the network, as events for the ledger."""
        ...


def _of_pictures(kind: Callable[[InputFacts], Preparation]) -> Callable[[Backbone, ModelInput], Preparation]:
    """The way of this kind, for networks that know how they want their pictures."""

    def preparation(network: Backbone, facts: ModelInput) -> Preparation:
        del network
        if not isinstance(facts, InputFacts):
            raise ValueError("a network for pictures needs facts about pictures")
        return kind(facts)

    return preparation


def _texts(network: Backbone, facts: ModelInput) -> Preparation:
    from headstart.features.texts import TextPreparation  # it needs the library of text models, which pictures do not

    return TextPreparation.of(network, facts)


def _tokens(network: Backbone, facts: ModelInput) -> Preparation:
    from headstart.features.tokens import TokenPreparation

    return TokenPreparation.of(network, facts)


PREPARATIONS: dict[str, Callable[[Backbone, ModelInput], Preparation]] = {
    "image": _of_pictures(PicturePreparation),
    "text": _texts,
    "semantic-segmentation": _of_pictures(TiledPreparation),
    "token-classification": _tokens,
    "object-detection": _of_pictures(TiledPreparation),
}
"""By the name of the task where that has its own way, else by what the items are."""


def preparation_of(network: Backbone, facts: ModelInput, *, task: str = "") -> Preparation:
    """How the inputs of a network are made, as `facts` say, and for a task that has its own way, as that wants them."""
    return PREPARATIONS[task if task in PREPARATIONS else network.card.modality](network, facts)
