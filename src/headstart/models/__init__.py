"""Pretrained models by id, whatever library they come from. Importing this imports none of those libraries."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from headstart.core.compatibility import check_torch_pair
from headstart.core.runtime import offline as is_offline
from headstart.core.table import Table
from headstart.models import availability, identifiers
from headstart.models.availability import DEFAULTS, Availability, DefaultModel, choose_default

if TYPE_CHECKING:
    from headstart.core.card import Architecture, ModelCard
    from headstart.models.backbone import Backbone, Source

__all__ = [
    "SOURCES",
    "Availability",
    "DefaultModel",
    "available",
    "build",
    "card",
    "choose_default",
    "default_for",
    "list_cards",
    "load",
    "pull",
    "resolve",
]

SOURCES: Table[Source] = Table(
    "source",
    {
        "timm": "headstart.models.sources.from_timm:SOURCE",
        "hf": "headstart.models.sources.from_transformers:SOURCE",
        "torchvision": "headstart.models.sources.from_torchvision:SOURCE",
        "torchhub": "headstart.models.sources.from_torchhub:SOURCE",
        "keras": "headstart.models.sources.from_keras:SOURCE",
        "tfhub": "headstart.models.sources.from_tensorflow:SOURCE",
        "starter": "headstart.models.sources.from_starter:SOURCE",
        "saved-run": "headstart.models.sources.from_run:SOURCE",
    },
)


def resolve(model: str) -> tuple[str, str]:
    """The source of a model id and what that source calls it. Raises `ModelError` for an id of no known form."""
    return identifiers.resolve(model, sources=SOURCES.names())


def available(model: str) -> Availability:
    """Whether a model is on this machine, in the hub's cache, on the hub, or out of reach; nothing is fetched."""
    return availability.available(*resolve(model))


def card(model: str, *, offline: bool | None = None, pretrained: bool = True) -> ModelCard:
    """The facts about one model. With `pretrained`, its weights have to be within reach; they are not fetched.

    Raises `ModelError` where the id is unknown or the model cannot be had.
    """
    source, rest = _source(model)
    return source.card(rest, offline=_offline(offline), pretrained=pretrained)


def load(model: str, *, pretrained: bool = True, channels: int | None = None, offline: bool | None = None) -> Backbone:
    """The backbone of one model, in float32 and evaluation mode; `channels` None means as many as it was made for.

    Raises `ModelError` where it cannot be had, cannot be trusted, or cannot be given so many channels.
    """
    source, rest = _source(model)
    return source.load(rest, pretrained=pretrained, offline=_offline(offline), channels=channels)


def default_for(modality: str, script: str = "other") -> DefaultModel:
    """What `auto` stands for where the items are pictures or texts of a script (`headstart.data.script`).

    Raises `ModelError` where nothing can be had.
    """
    return DEFAULTS[modality](script)


def build(architecture: Architecture, card: ModelCard) -> Backbone:
    """A freshly initialised backbone from its saved description; neither network nor weights are needed."""
    check_torch_pair()
    return SOURCES[architecture.source].build(architecture, card)


def pull(model: str) -> ModelCard:
    """Fetch all that using a model offline needs. Raises `ModelError` where the hub does not have it."""
    source, rest = _source(model)
    return source.pull(rest)


def list_cards(pattern: str = "*") -> list[ModelCard]:
    """Cards of the known models whose id matches a shell pattern such as `timm/mobilenet*`; no weights are loaded."""
    if "/" in pattern and not any(mark in pattern for mark in "*?["):
        return [card(pattern)]
    check_torch_pair()
    wanted = pattern.partition("/")[0] if "/" in pattern else "*"
    names = [name for name in SOURCES if fnmatchcase(name, wanted)]
    return [found for name in names for found in SOURCES[name].cards(pattern)]


def _source(model: str) -> tuple[Source, str]:
    name, rest = resolve(model)
    check_torch_pair()
    return SOURCES[name], rest


def _offline(given: bool | None) -> bool:
    return is_offline() if given is None else given
