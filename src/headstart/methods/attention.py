"""Whether a network is one of attention, by the name of its architecture: those are tuned at lower rates."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from headstart.core.card import ModelCard

ATTENTION = re.compile(
    r"(?<![a-z])(?:beit|cait|data2vec|deit|dinov2|eva|flexivit|mit[-_]?b(?:\d|ackbone)|mvit|pit|pvt|segformer|swin|tnt"
    r"|twins|vit|volo|xcit)|^(?:clip|siglip2?)(?:$|[-_])",
    re.I,
)
"""As timm, transformers and KerasHub call such architectures. Hybrids of convolutions are not among them."""
KEYS = ("backbone", "architecture", "model_type", "registered_name")
"""What a config calls its network; a type of transformers may stand for a network of timm, which is named beside it."""
PARTS = ("backbone_config", "vision_config")
"""Where the config of a network of several parts describes the one that pictures go into."""
LARGEST = 32 * 2**20


def is_attention(card: ModelCard) -> bool:
    """Whether a network's body is made of attention; a folder is believed in what it says, not in what it is called."""
    name = next(_described(Path(card.location)), "") if card.location else ""
    return ATTENTION.search(name or _called(card)) is not None


def _described(folder: Path) -> Iterator[str]:
    """What the folder of a run or of a model says that its network is."""
    networks = _read(folder / "model.json").get("networks")
    built = _object(_object(networks[-1]).get("architecture")) if isinstance(networks, list) and networks else {}
    yield from _types(_object(_object(built.get("arguments")).get("config")))
    if built.get("name"):
        yield str(built["name"])
    yield from _types(_read(folder / "config.json"))


def _types(config: Mapping[str, Any]) -> Iterator[str]:
    for part in (*(_object(config.get(part)) for part in PARTS), config):
        yield from (str(part[key]) for key in KEYS if part.get(key))


def _read(file: Path) -> dict[str, Any]:
    """A JSON object; an empty one where the file holds none, since only a rate depends on it."""
    try:
        content = json.loads(file.read_text(encoding="utf-8")) if file.stat().st_size <= LARGEST else {}
    except (OSError, ValueError, RecursionError):
        return {}
    return _object(content)


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _called(card: ModelCard) -> str:
    """The part of an id that names the architecture; of a folder only where its library goes by what it is called."""
    name = card.id.partition("#")[0]
    if name.startswith(".") or Path(name).is_absolute():
        if card.source == "torchhub":
            return name.rpartition(":")[2]
        return Path(name).name if card.source == "torchvision" else ""
    name = name.removeprefix(f"{card.source}/")
    if card.source == "torchvision":
        return name.partition(":")[0]
    last = name.partition("@")[0].rpartition("/")[2].rpartition(":")[2]
    return last.partition(".")[0] if card.source == "timm" else last
