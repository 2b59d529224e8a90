"""Where in a training picture a picture comes to lie, and what that does to its boxes and pixel classes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from headstart.core.targets import IGNORED, Boxes
from headstart.features.pictures import Pixels
from headstart.train.augment import resized_crop


@dataclass(frozen=True)
class Placement:
    """A picture of height and width `size`, scaled to `scaled`, moved and cut to a canvas, and perhaps mirrored.

    `top` and `left` are where the scaled picture's upper left corner lies in the canvas; negative where it sticks out.
    The canvas is mirrored after that.
    """

    size: tuple[int, int]
    scaled: tuple[int, int]
    canvas: tuple[int, int]
    top: int = 0
    left: int = 0
    mirrored: bool = False

    @property
    def window(self) -> tuple[int, int, int, int]:
        """Top, left, bottom and right of what the picture covers of the canvas before it is mirrored."""
        bottom = min(self.top + self.scaled[0], self.canvas[0])
        right = min(self.left + self.scaled[1], self.canvas[1])
        return max(self.top, 0), max(self.left, 0), bottom, right


def whole(size: tuple[int, int], canvas: tuple[int, int]) -> Placement:
    """The whole picture, as large as fits, in the upper left corner: as it is for a prediction."""
    factor = min(canvas[0] / size[0], canvas[1] / size[1])
    return Placement(size, (max(round(factor * size[0]), 1), max(round(factor * size[1]), 1)), canvas)


def drawn(
    size: tuple[int, int],
    canvas: tuple[int, int],
    generator: np.random.Generator,
    *,
    scales: tuple[float, float] = (1.0, 1.0),
    stretch: float = 1.0,
    flip: bool = True,
) -> Placement:
    """A random placement: `scales` times as large as the whole picture would be, stretched by at most `stretch`.

    A picture larger than the canvas is cut somewhere, a smaller one lies anywhere in it.
    """
    fit = min(canvas[0] / size[0], canvas[1] / size[1])
    factor = fit * math.exp(generator.uniform(math.log(scales[0]), math.log(scales[1])))
    ratio = math.exp(generator.uniform(-math.log(stretch), math.log(stretch)) / 2)
    scaled = max(round(factor * ratio * size[0]), 1), max(round(factor / ratio * size[1]), 1)
    top, left = (_somewhere(have, room, generator) for have, room in zip(scaled, canvas, strict=True))
    return Placement(size, scaled, canvas, top, left, mirrored=bool(flip and generator.random() < 0.5))


def _somewhere(have: int, room: int, generator: np.random.Generator) -> int:
    low, high = sorted((0, room - have))
    return int(generator.integers(low, high + 1))


def place_pixels(pixels: Pixels, placement: Placement, fill: npt.NDArray[np.floating]) -> Pixels:
    """The canvas (H, W, C) with the picture in it; `fill` (C,) are the colours around it, in 0..1."""
    largest = np.iinfo(pixels.dtype).max
    canvas: Pixels = np.empty((*placement.canvas, pixels.shape[2]), pixels.dtype)
    canvas[:] = np.rint(fill * largest).astype(pixels.dtype)
    top, left, bottom, right = placement.window
    part = _part(pixels, placement)
    canvas[top:bottom, left:right] = part
    return canvas[:, ::-1] if placement.mirrored else canvas


def _part(pixels: Pixels, placement: Placement) -> Pixels:
    """What of the scaled picture lies in the canvas; only that is scaled."""
    top, left, bottom, right = placement.window
    down, across = (have / want for have, want in zip(placement.size, placement.scaled, strict=True))
    first = math.floor((top - placement.top) * down), math.floor((left - placement.left) * across)
    last = math.ceil((bottom - placement.top) * down), math.ceil((right - placement.left) * across)
    height, width = (max(min(last[axis], placement.size[axis]) - first[axis], 1) for axis in (0, 1))
    return resized_crop(pixels, (first[0], first[1], height, width), (bottom - top, right - left))


def place_boxes(boxes: Boxes, placement: Placement, *, least_visible: float = 0.25) -> Boxes:
    """The boxes in the canvas, cut at its edges; those of which less than `least_visible` is left become ignored."""
    down, across = (want / have for have, want in zip(placement.size, placement.scaled, strict=True))
    moved = boxes.xyxy.astype(np.float64) * (across, down, across, down)
    moved += (placement.left, placement.top, placement.left, placement.top)
    top, left, bottom, right = placement.window
    cut = np.clip(moved, (left, top, left, top), (right, bottom, right, bottom))
    visible = _area(cut) / np.maximum(_area(moved), 1e-9)
    if placement.mirrored:
        wide = placement.canvas[1]
        cut = np.stack([wide - cut[:, 2], cut[:, 1], wide - cut[:, 0], cut[:, 3]], axis=1)
    there = _area(cut) > 0
    truncated = None if boxes.truncated is None else boxes.truncated[there]
    return Boxes(
        xyxy=cut[there].astype(np.float32),
        labels=boxes.labels[there],
        ignored=(boxes.ignored | (visible < least_visible))[there],
        truncated=truncated,
    )


def _area(xyxy: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    return np.maximum(xyxy[:, 2] - xyxy[:, 0], 0) * np.maximum(xyxy[:, 3] - xyxy[:, 1], 0)


def place_mask(mask: npt.NDArray[np.int16], placement: Placement) -> npt.NDArray[np.int16]:
    """The canvas (H, W) of pixel classes, `IGNORED` around the picture; of scaled ones the nearest pixel's class."""
    canvas: npt.NDArray[np.int16] = np.full(placement.canvas, IGNORED, np.int16)
    top, left, bottom, right = placement.window
    down, across = (have / want for have, want in zip(placement.size, placement.scaled, strict=True))
    rows = np.minimum(((np.arange(top, bottom) - placement.top + 0.5) * down).astype(np.int64), mask.shape[0] - 1)
    columns = np.minimum(((np.arange(left, right) - placement.left + 0.5) * across).astype(np.int64), mask.shape[1] - 1)
    canvas[top:bottom, left:right] = mask[np.ix_(rows, columns)]
    return np.ascontiguousarray(canvas[:, ::-1]) if placement.mirrored else canvas
