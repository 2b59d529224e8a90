"""Which part of a picture a model sees, and at what size: resize and crop as one step."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from PIL import Image

from headstart.core.card import InputFacts

Box = tuple[float, float, float, float]
MULTIPLE = 32
"""Sides of whole pictures as inputs are multiples of the coarsest stride: cells of all maps lie on each other."""


class CropBox(NamedTuple):
    """A part of the upright picture, in fractions of its width and height."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class Frame:
    """The box (left, top, right, bottom) of the upright picture that becomes `size`, a width and a height in pixels.

    A centre crop keeps what it stands for: the size of the whole picture when resized, and where the crop then starts.
    """

    box: Box
    size: tuple[int, int]
    resized: tuple[int, int] = (0, 0)
    start: tuple[int, int] = (0, 0)

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
    return Frame(_inside(box, size), wanted, resized, (left, top))


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


def padded_size(sizes: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The height and width, multiples of 32, that pictures of these heights and widths all fit into."""
    high, wide = (max(size[axis] for size in sizes) for axis in (0, 1))
    return MULTIPLE * -(-high // MULTIPLE), MULTIPLE * -(-wide // MULTIPLE)


def cut(
    plane: Image.Image, frame: Frame, *, facts: InputFacts, reduction: int = 1, corner: tuple[float, float] = (0, 0)
) -> Image.Image:
    """The frame out of a plane that was decoded at 1 / `reduction` of the size that the frame is about.

    `corner` is where the upper left corner of the picture lies in the plane.
    """
    left, top, right, bottom = (edge / reduction for edge in frame.box)
    across, down = corner
    box = _inside((left + across, top + down, right + across, bottom + down), plane.size)
    if plane.size == frame.size and box == (0.0, 0.0, *plane.size):
        return plane
    return plane.resize(frame.size, _filter(facts), box=box)


def cut_in_two_steps(plane: Image.Image, frame: Frame, *, facts: InputFacts) -> Image.Image:
    """The frame out of a full-size plane, resized whole and then cropped where that can make a difference.

    Filters that overshoot are clipped after each direction, and Pillow chooses which comes first by the sizes. A whole
    picture many times larger than the crop, of a very long and thin one, is not made.
    """
    overshoots = facts.interpolation in ("bicubic", "lanczos")
    many_times = math.prod(frame.resized) > 16 * math.prod(frame.size)
    if not overshoots or many_times or frame.resized == (0, 0):
        return cut(plane, frame, facts=facts)
    (left, top), (width, height) = frame.start, frame.size
    return plane.resize(frame.resized, _filter(facts)).crop((left, top, left + width, top + height))


def _filter(facts: InputFacts) -> Image.Resampling:
    return Image.Resampling[facts.interpolation.upper()]


def _inside(box: Box, size: tuple[int, int]) -> Box:
    """The box without the rounding errors by which it may exceed the picture."""
    left, top, right, bottom = box
    return max(left, 0.0), max(top, 0.0), min(right, float(size[0])), min(bottom, float(size[1]))
