"""What an image processor of transformers does, told from its settings as the library fills them in -> input facts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from headstart.core.card import InputFacts
from headstart.core.errors import ModelError

Size = tuple[int, int]
INTERPOLATIONS = ("nearest", "lanczos", "bilinear", "bicubic", "box", "hamming")
# From this edge on, ConvNeXt's processor stretches a picture to the whole square and crops nothing.
STRETCHED_FROM = 384


def facts_of(settings: Mapping[str, Any], *, channels: int, fixed: bool, own_size: Size) -> InputFacts:
    """Input facts of a processor's `to_dict()`; `own_size` (height, width) serves where it does not resize.

    Raises `ModelError` for settings that resizing, cropping and normalising cannot express.
    """
    size, fraction, mode = _geometry(settings, own_size)
    mean, std = _normalisation(settings, channels)
    return InputFacts(
        size=size,
        crop_fraction=fraction,
        crop_mode=mode,
        interpolation=_interpolation(settings.get("resample", 2)),
        mean=mean,
        std=std,
        channels=channels,
        fixed_size=fixed,
    )


def _geometry(settings: Mapping[str, Any], own_size: Size) -> tuple[Size, float, Any]:
    crop = _pair(settings.get("crop_size")) if settings.get("do_center_crop") else None
    if not settings.get("do_resize"):
        return crop or own_size, 1.0, "center"
    size = settings.get("size") or {}
    edge = size.get("shortest_edge")
    if edge is None:
        stretched = _pair(size)
        if stretched is None:
            raise ModelError(f"Its image processor resizes to {dict(size)}, which Headstart does not do.")
        return cropped(stretched, crop, "squash")
    fraction = settings.get("crop_pct")
    if not fraction:
        return cropped((edge, edge), crop, "center")
    if crop is None and edge >= STRETCHED_FROM:
        return (edge, edge), 1.0, "squash"
    return crop or (edge, edge), float(fraction), "center"


def cropped(resized: Size, crop: Size | None, mode: str) -> tuple[Size, float, Any]:
    """The crop as a fraction of what was resized; a crop that is as large or larger takes nothing away."""
    if crop is None or min(crop) >= min(resized):
        return resized, 1.0, mode
    fraction = min(crop) / min(resized)
    if math.floor(min(crop) / fraction) < min(resized):
        fraction = math.nextafter(fraction, 0)  # dividing by it has to lead back to the whole number of pixels
    if mode == "squash" and tuple(math.floor(side / fraction) for side in crop) != resized:
        raise ModelError(f"Its image processor crops {crop} out of {resized}, which Headstart does not do.")
    return crop, fraction, mode


def _pair(size: Any) -> Size | None:
    if isinstance(size, int):
        return size, size
    if not isinstance(size, Mapping) or not size.get("height") or not size.get("width"):
        return None
    return int(size["height"]), int(size["width"])


def _normalisation(settings: Mapping[str, Any], channels: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and deviation on the scale of 0 to 1, whatever scale the processor normalises on."""
    factor = settings.get("rescale_factor", 1 / 255) if settings.get("do_rescale", True) else 1.0
    scale = 255 * factor
    offset = 1.0 if settings.get("rescale_offset") else 0.0
    normalised = settings.get("do_normalize")
    mean = _values(settings.get("image_mean") if normalised else 0.0, channels)
    std = _values(settings.get("image_std") if normalised else 1.0, channels)
    return tuple((value + offset) / scale for value in mean), tuple(value / scale for value in std)


def _values(given: Any, channels: int) -> tuple[float, ...]:
    values = tuple(float(value) for value in given) if isinstance(given, list | tuple) else (float(given),)
    if len(values) == channels:
        return values
    return (sum(values) / len(values),) * channels


def _interpolation(resample: Any) -> Any:
    number = int(resample)
    if not 0 <= number < len(INTERPOLATIONS):
        raise ModelError(f"Its image processor resamples in a way ({resample}) that Headstart does not know.")
    return INTERPOLATIONS[number]
