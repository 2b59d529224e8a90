"""Which part of a picture a model sees, and at what size: resize and crop as one step."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from PIL import Image

from headstart.core.card import InputFacts

Box = tuple[float, float, float, float]


class CropBox(NamedTuple):
    """A part of the upright picture, in fractions of its width and height."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class Frame:
    """The box (left, top, right, bottom) of the upright picture that becomes `size`, a width and a height in pixels."""

    box: Box
    size: tuple[int, int]

    @property
    def factor(self) -> float:
        """How many times smaller the result is than the box, on the side where it is least."""
        left, top, right, bottom = self.box
        return min((right - left) / self.size[0], (bottom - top) / self.size[1])


def frame_for(size: tuple[int, int], facts: InputFacts, *, crop: CropBox | bool = True) -> Frame:
    """The frame of a picture of this width and height.

    With True it is the one of the model's own evaluation: resize, then crop the centre. With False it is the whole
    picture, whose shorter side becomes what it is before that crop, or stays if it is shorter already.
    """
    width, height = size
    if isinstance(crop, CropBox):
        left, top = crop.left * width, crop.top * height
        right, bottom = left + crop.width * width, top + crop.height * height
        return Frame(_inside((left, top, right, bottom), size), (facts.size[1], facts.size[0]))
    resized = resized_size(size, facts)
    if not crop:
        whole = (0.0, 0.0, float(width), float(height))
        larger = facts.crop_mode == "center" and (resized[0] > width or resized[1] > height)
        return Frame(whole, size if larger else resized)
    wanted = (facts.size[1], facts.size[0])
    left, top = (round((have - want) / 2) for have, want in zip(resized, wanted, strict=True))
    across, down = width / resized[0], height / resized[1]
    box = (left * across, top * down, (left + wanted[0]) * across, (top + wanted[1]) * down)
    return Frame(_inside(box, size), wanted)


def resized_size(size: tuple[int, int], facts: InputFacts) -> tuple[int, int]:
    """Width and height of the whole picture before the centre crop, rounded as timm and torchvision do."""
    width, height = size
    high, wide = (math.floor(side / facts.crop_fraction) for side in facts.size)
    if facts.crop_mode == "squash":
        return wide, high
    if high != wide:
        ratio = min(height / high, width / wide)
        return round(width / ratio), round(height / ratio)
    if width <= height:
        return wide, int(wide * height / width)
    return int(high * width / height), high


def cut(plane: Image.Image, frame: Frame, *, reduction: int, facts: InputFacts) -> Image.Image:
    """The frame out of a plane that was decoded at 1 / `reduction` of the size that the frame is about."""
    left, top, right, bottom = (edge / reduction for edge in frame.box)
    box = _inside((left, top, right, bottom), plane.size)
    if plane.size == frame.size and box == (0.0, 0.0, *plane.size):
        return plane
    return plane.resize(frame.size, Image.Resampling[facts.interpolation.upper()], box=box)


def _inside(box: Box, size: tuple[int, int]) -> Box:
    """The box without the rounding errors by which it may exceed the picture."""
    left, top, right, bottom = box
    return max(left, 0.0), max(top, 0.0), min(right, float(size[0])), min(bottom, float(size[1]))
