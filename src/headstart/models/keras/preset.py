"""Presets of KerasHub in a folder: the network as a graph of Keras, and how its pictures are prepared."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from headstart.core.card import InputFacts
from headstart.core.errors import ModelError
from headstart.models.files.folder import CONFIG, is_keras_preset, read_config
from headstart.models.foreign_errors import in_short
from headstart.models.keras.library import holding, hub_library, laid_out

TASK = "task.json"
CLASSIFIES = "ImageClassifier"
INTERPOLATIONS: dict[str, Literal["nearest", "bilinear", "bicubic", "lanczos"]] = {
    "nearest": "nearest", "bilinear": "bilinear", "bicubic": "bicubic", "lanczos3": "lanczos", "lanczos5": "lanczos",
}  # fmt: skip
PREPARATIONS = ("image_converter.json", "preprocessor.json")
FORM = (
    "A preset is a folder that KerasHub has written (save_to_preset) or fetched, with config.json and model.weights.h5."
)


def read_preset(folder: Path) -> Any:
    """The classifier of a preset, or its backbone where it has none. Raises `ModelError`."""
    if not is_keras_preset(read_config(folder)):
        raise ModelError(f"{folder / CONFIG} does not describe a network of KerasHub.", hint=FORM)
    classifies = (folder / TASK).is_file() and str(read_config(folder, TASK).get("class_name", "")).endswith(CLASSIFIES)
    size = sum(file.stat().st_size for file in folder.glob("*.h5"))
    with laid_out(), holding(size, model=str(folder)):
        hub = hub_library()
        try:
            kind = hub.models.ImageClassifier if classifies else hub.models.Backbone
            network = kind.from_preset(str(folder.absolute()))
        except Exception as error:
            raise ModelError(f"KerasHub cannot read {folder}: {in_short(error)}.", hint=FORM) from error
    return network


def preset_facts(folder: Path) -> InputFacts | None:
    """How the pictures of a preset are prepared: its converter's size, and its scale and offset of 0..255.

    None where it has no converter. Raises `ModelError` where that does what Headstart does not know.
    """
    converter = next((found for name in PREPARATIONS if (found := _converter(folder / name)) is not None), None)
    if converter is None:
        return None
    usual = InputFacts()
    asked = str(converter.get("interpolation", "bilinear"))
    if asked not in INTERPOLATIONS:
        raise ModelError(f"{folder} resizes its pictures by '{asked}', which is not known.", hint=FORM)
    scale, offset = (_channels(converter.get(name), default) for name, default in (("scale", 1.0), ("offset", 0.0)))
    side = converter.get("image_size") or usual.size
    return InputFacts(
        size=(int(side[0]), int(side[1])),
        crop_fraction=1.0,
        crop_mode="center" if converter.get("crop_to_aspect_ratio", True) else "squash",
        interpolation=INTERPOLATIONS[asked],
        mean=tuple(_rounded(-shift / (255 * each)) for shift, each in zip(offset, scale, strict=True)),
        std=tuple(_rounded(1 / (255 * each)) for each in scale),
    )


def preset_note(folder: Path) -> str:
    """What of the preparation is done in another way here; nothing where nothing is."""
    padded = any((found := _converter(folder / name)) and found.get("pad_to_aspect_ratio") for name in PREPARATIONS)
    return "KerasHub pads its pictures to their shape; here they are stretched to it." if padded else ""


def _converter(file: Path) -> Mapping[str, Any] | None:
    """The settings of the layer that prepares pictures, by itself or inside a preprocessor."""
    if not file.is_file():
        return None
    found: Any = json.loads(file.read_text(encoding="utf-8")).get("config", {})
    found = found.get("image_converter", {}).get("config") if "image_converter" in found else found
    return found if found and "image_size" in found else None


def _channels(value: Any, default: float) -> tuple[float, ...]:
    if value is None:
        return (default,) * 3
    return tuple(map(float, value)) if isinstance(value, Sequence) else (float(value),) * 3


def _rounded(value: float) -> float:
    return float(f"{value + 0.0:.7g}")
