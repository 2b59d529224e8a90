"""The curated shortlist of `catalogue.toml`. Reading it imports no library of models."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import Literal, NamedTuple, get_args

from headstart.core.card import ModelCard
from headstart.core.errors import unknown

SizeClass = Literal["tiny", "small", "medium", "large"]


class Catalogue(NamedTuple):
    """The shortlist, the day on which its facts were checked, and the model to begin with in each size class."""

    checked: str
    cards: tuple[ModelCard, ...]
    sizes: dict[str, SizeClass]
    defaults: dict[SizeClass, str]


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    """Read the shortlist, once."""
    content = tomllib.loads((files("headstart.models") / "catalogue.toml").read_text(encoding="utf-8"))
    cards, sizes = [], {}
    for entry in content["model"]:
        sizes[entry["id"]] = entry.pop("size")
        cards.append(ModelCard(source=entry["id"].partition("/")[0], **entry))
    return Catalogue(str(content["checked"]), tuple(cards), sizes, content["defaults"])


def catalogued() -> tuple[ModelCard, ...]:
    """The cards of the shortlist, from small to large."""
    return catalogue().cards


def default_of(size: SizeClass) -> str:
    """The id of the model to begin with in a size class. Raises `OptionError` for a size that there is not."""
    if size not in get_args(SizeClass):
        raise unknown("size class", size, get_args(SizeClass))
    return catalogue().defaults[size]


def accuracy_of(model: str) -> float | None:
    """Published ImageNet-1k top-1 accuracy of a catalogued model, a fraction; None where it is not known for sure."""
    return next((card.upstream_accuracy for card in catalogued() if card.id == model), None)
