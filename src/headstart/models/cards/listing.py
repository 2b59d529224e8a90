"""The models at hand: the catalogue, the bundled ones and the cached ones. No library of models is imported."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Literal

from headstart.core.card import InputFacts, ModelCard
from headstart.models.availability import KEPT
from headstart.models.bundled import bundled, folder_of
from headstart.models.bundled_texts import layers_of, text_starter_folder, text_starters
from headstart.models.cards import pretraining
from headstart.models.catalogue import catalogued
from headstart.models.fetching import hub, torch_cache
from headstart.models.files.folder import front_matter, holds_images, licence_of, read_config
from headstart.models.files.weights import count_weights, weight_files
from headstart.models.sources.from_torchvision import is_path
from headstart.models.transformers.texts import looks_like_encoder, source_texts

Where = Literal["bundled", "local", "cached", "hub"]
LAYER = re.compile(r"\.layer\.(\d+)\.")
POSITIONS = "position_ids"
STATISTICS = ("running_mean", "running_var", "num_batches_tracked")


def at_hand(pattern: str = "*") -> list[ModelCard]:
    """Cards of the bundled, catalogued and cached models whose id matches a shell pattern, each once.

    They hold what can be known without building the network; `models.card` knows the rest.
    """
    found: dict[str, ModelCard] = {}
    for card in (*_bundled(), *_encoders(), *catalogued(), *_cached()):
        if fnmatchcase(card.id, pattern):
            found.setdefault(card.id, card)
    return list(found.values())


def where(card: ModelCard) -> Where:
    """Where a listed model lies, without asking the hub."""
    source, _, rest = card.id.partition("/")
    if source == "starter":
        return "bundled"
    if not card.id.startswith(f"{card.source}/") or (source == "torchvision" and is_path(rest.partition(":")[2])):
        return "local"
    if source == "torchvision":
        return "cached" if torch_cache.holding(card.revision.removeprefix("sha256:")) else "hub"
    if source in KEPT:
        return "cached" if KEPT[source](rest) else "hub"
    own = rest if source == "hf" or rest.startswith("hf-hub:") else f"timm/{rest}"
    repository = hub.Repository.parse(own.removeprefix("hf-hub:"))
    return "cached" if hub.has_weights(hub.cached(repository)) else "hub"


def _bundled() -> Iterator[ModelCard]:
    for name in bundled():
        folder = folder_of(name)
        written = read_config(folder)
        config = written.get("pretrained_cfg", written)
        yield ModelCard(
            id=f"starter/{name}",
            source="starter",
            parameters=_count(folder, str(config.get("classifier", ""))),
            width=written.get("num_features"),
            input=_input(config),
            pretrained_on=str(config.get("description") or pretraining.UNKNOWN),
            licence=licence_of(front_matter(folder), config.get("license")),
            location=str(folder),
        )


def _encoders() -> Iterator[ModelCard]:
    """Text encoders that are installed."""
    for name in text_starters():
        folder = text_starter_folder(name)
        config = read_config(folder)
        yield ModelCard(
            id=f"starter/{name}",
            source="starter",
            modality="text",
            parameters=_encoder_count(folder, layers_of(name)),
            width=config.get("hidden_size"),
            pretrained_on=source_texts(front_matter(folder)),
            licence=licence_of(front_matter(folder)),
            location=str(folder),
        )


def _input(config: dict[str, Any]) -> InputFacts | None:
    """The input facts that a bundled model's config writes down in full; None where it leaves any to timm."""
    names = {"crop_fraction": "crop_pct", **{name: name for name in ("crop_mode", "interpolation", "mean", "std")}}
    if not {"input_size", *names.values()} <= config.keys():
        return None
    channels, height, width = config["input_size"]
    given = {fact: config[key] for fact, key in names.items()}
    fixed = bool(config.get("fixed_input_size"))
    return InputFacts(size=(height, width), channels=channels, fixed_size=fixed, **given)


WORD_HEADS = ("cls.", "head.", "decoder.", "lm_head.", "vocab_")
"""What transformers' types call the layer that guesses words, which is no part of an encoder."""


def _count(folder: Path, classifier: str) -> int:
    """The backbone's weights, counted in the headers of its files."""
    return sum(
        number
        for file in weight_files(folder)
        for name, number in count_weights(file).items()
        if name.rpartition(".")[0] != classifier and not name.endswith(STATISTICS)
    )


def _encoder_count(folder: Path, layers: int | None) -> int:
    """The weights of an encoder, without pooler, head and layers that are not used."""
    counts = {name: number for file in weight_files(folder) for name, number in count_weights(file).items()}
    cut = {name for name in counts if (at := LAYER.search(name)) and layers is not None and int(at[1]) >= layers}
    return sum(
        number
        for name, number in counts.items()
        if name not in cut
        and "pooler." not in name
        and not name.startswith(WORD_HEADS)
        and not name.endswith(POSITIONS)
    )


def _cached() -> Iterator[ModelCard]:
    for repository in hub.cached_repositories():
        snapshot = hub.cached(repository)
        if snapshot is None or not hub.has_weights(snapshot):
            continue
        owner, _, name = repository.name.partition("/")
        if owner == "timm":
            model, source, learnt = f"timm/{name}", "timm", pretraining.of_tag(name.partition(".")[2])
        elif holds_images(snapshot.folder) or looks_like_encoder(snapshot.folder):
            model, source, learnt = f"hf/{repository.name}", "hf", pretraining.UNKNOWN
        else:
            continue
        yield ModelCard(
            id=model,
            source=source,
            modality="image" if owner == "timm" or holds_images(snapshot.folder) else "text",
            pretrained_on=learnt,
            licence=licence_of(front_matter(snapshot.folder)),
            revision=snapshot.commit,
            location=str(snapshot.folder),
        )
