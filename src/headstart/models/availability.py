"""Where a model is: on this machine, in the hub's cache, on the hub, or nowhere; and what `auto` then means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from headstart.core.errors import ModelError
from headstart.core.runtime import offline
from headstart.models.bundled import bundled
from headstart.models.bundled_texts import PACKAGED, how_to_have, text_starters
from headstart.models.catalogue import SizeClass, default_of
from headstart.models.fetching import hub, torch_cache
from headstart.models.identifiers import FOLDER

Availability = Literal["local", "cached", "reachable", "missing"]


CHINESE = "zh-char"
"""On ChnSentiCorp, its linear probe of 300 texts is right on 74.3 to 75.7 % of 600 others, that of minilm-l6 on 68.0 to
69.8 % (three draws)."""


@dataclass(frozen=True)
class DefaultModel:
    """What `auto` stands for, and a sentence that says why: to be shown, because it may be a stand-in."""

    id: str
    why: str


def available(source: str, rest: str) -> Availability:
    """Where the model that an id resolves to can be had from. A hub that does not answer costs seconds, not minutes."""
    if rest.startswith(FOLDER):
        return "local"
    if source in KEPT:
        return "cached" if KEPT[source](rest) else "missing" if offline() else "reachable"
    if source == "starter":
        return "local" if rest in (*bundled(), *text_starters()) else "missing"
    if source == "torchvision":
        return _of_torchvision(rest)
    repository = repository_of(source, rest)
    if repository is None:
        return "missing"
    if hub.has_weights(hub.cached(repository)):
        return "cached"
    return "reachable" if hub.reachable() and hub.exists(repository) else "missing"


def _of_torchhub(rest: str) -> Path | None:
    from headstart.models.sources.from_torchhub import is_cached

    return is_cached(rest)


def _of_keras(rest: str) -> Path | None:
    from headstart.models.sources.from_keras import cached

    return cached(rest)


def _of_tfhub(rest: str) -> Path | None:
    from headstart.models.sources.from_tensorflow import cached

    return cached(rest)


KEPT: dict[str, Callable[[str], Path | None]] = {"torchhub": _of_torchhub, "keras": _of_keras, "tfhub": _of_tfhub}
"""Where other hubs have put a model on this machine, by source; None where they have not."""


def _of_torchvision(rest: str) -> Availability:
    from headstart.models.sources.from_torchvision import recipe_of

    recipe = recipe_of(rest)
    if recipe.file is not None:
        return "local"
    if torch_cache.holding(torch_cache.digits_of(torch_cache.name_of(recipe.address))):
        return "cached"
    return "reachable" if torch_cache.served(recipe.address) else "missing"


def repository_of(source: str, rest: str) -> hub.Repository | None:
    """The repository of the hub that holds a model's weights; None where it has none.

    A name of timm without its tag needs timm to be looked up, any other does not.
    """
    if source == "hf":
        return hub.Repository.parse(rest)
    if rest.startswith("hf-hub:"):
        return hub.Repository.parse(rest.removeprefix("hf-hub:"))
    if "." in rest and hub.cached(hub.Repository.parse(f"timm/{rest}")):
        return hub.Repository(f"timm/{rest}")
    from headstart.models.timm.recipe import registered

    return registered(rest)[1]


def choose_default(size: SizeClass = "medium") -> DefaultModel:
    """The catalogue's model of a size class where it can be had, else the largest bundled one, said aloud.

    Raises `ModelError` where neither is there.
    """
    wanted = default_of(size)
    where = available(*wanted.split("/", 1))
    if where in ("cached", "reachable"):
        there = "it is in the cache" if where == "cached" else "the hub has it"
        return DefaultModel(wanted, f"the catalogue's model of {size} size, and {there}")
    why_not = "the network may not be used" if offline() else "the hub cannot be reached"
    names = bundled()
    pull = f"On a machine with internet run: headstart models pull {wanted}"
    if not names:
        raise ModelError(
            f"No model can be had: {wanted} is not in the cache, {why_not}, and this installation bundles none.",
            hint=f"{pull}\nOr name a local folder: --model ./my-model.",
        )
    stand_in = f"starter/{names[0]}"
    return DefaultModel(
        stand_in,
        f"{stand_in}, a small bundled model, stands in for {wanted}, because {why_not} and it is not in the cache; "
        f"expect lower accuracy. {pull}",
    )


def choose_default_encoder(script: str = "other") -> DefaultModel:
    """The first text encoder that is installed, else the same one in the cache or on the hub; for Chinese, the bundled.

    Raises `ModelError`, saying what to install or pull, where there is none.
    """
    if script == "chinese" and CHINESE in text_starters():
        return DefaultModel(
            f"starter/{CHINESE}", "most letters are Chinese, and it is the bundled encoder that reads them"
        )
    names = [name for name in text_starters() if name in PACKAGED]  # others may be for another language
    if names:
        return DefaultModel(f"starter/{names[0]}", "a small text encoder that is installed")
    name, packaged = next(iter(PACKAGED.items()))
    where = available(*packaged.hub.split("/", 1))
    if where in ("cached", "reachable"):
        there = "it is in the cache" if where == "cached" else "the hub has it"
        return DefaultModel(packaged.hub, f"a small text encoder, and {there}")
    raise ModelError(
        "No text encoder can be had: none is installed, and the hub's is neither in the cache nor within reach.",
        hint=f"{how_to_have(name)}\nOr name a local folder: --model ./my-encoder.",
    )


DEFAULTS: dict[str, Callable[[str], DefaultModel]] = {
    "image": lambda _: choose_default(),
    "text": choose_default_encoder,
}
"""What `auto` stands for, by what the items are."""
