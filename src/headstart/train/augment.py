"""Random changes to one picture, each decided by a generator of its own, so that threads never change results."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import torch

from headstart.core.strategy import Augmentation
from headstart.features.pictures import Pixels

Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Level:
    """How much a picture is changed.

    `area` is the range of the fraction of the picture that a crop keeps (None: no crop), `jitter` the largest relative
    change of brightness, contrast and saturation, `erase` the probability of blanking out a rectangle.
    """

    flip: bool = False
    area: tuple[float, float] | None = None
    jitter: float = 0.0
    erase: float = 0.0


LEVELS: dict[Augmentation, Level] = {
    "none": Level(),
    "flip": Level(flip=True),
    "crop": Level(flip=True, area=(0.35, 1.0)),
    "strong": Level(flip=True, area=(0.2, 1.0), jitter=0.4, erase=0.25),
}


def sample_generator(seed: int, epoch: int, index: int) -> np.random.Generator:
    """The randomness of one item in one epoch."""
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence((seed, epoch, index))))


def level_of(name: Augmentation, *, flips: bool = True) -> Level:
    """The level of this name, without mirror images where they would be other things, such as letters."""
    return replace(LEVELS[name], flip=LEVELS[name].flip and flips)


def augment(pixels: Pixels, level: Level, size: tuple[int, int], generator: np.random.Generator) -> Pixels:
    """Change an (H, W, C) picture of uint8 or uint16; with a crop the result is `size` (height, width)."""
    if level.area is not None:
        pixels = resized_crop(pixels, random_box(pixels.shape[:2], level.area, generator), size)
    if level.flip and generator.random() < 0.5:
        pixels = pixels[:, ::-1]
    if level.jitter:
        pixels = jitter_colours(pixels, level.jitter, generator)
    if level.erase and generator.random() < level.erase:
        pixels = erase_box(pixels, random_box(pixels.shape[:2], (0.02, 0.25), generator))
    return pixels


def random_box(shape: tuple[int, ...], area: tuple[float, float], generator: np.random.Generator) -> Box:
    """A box (top, left, height, width) of a random share of the picture, with sides between 3:4 and 4:3."""
    height, width = shape
    share = generator.uniform(*area) * height * width
    ratio = math.exp(generator.uniform(math.log(3 / 4), math.log(4 / 3)))
    tall = min(max(round(math.sqrt(share / ratio)), 1), height)
    wide = min(max(round(math.sqrt(share * ratio)), 1), width)
    top, left = generator.integers(height - tall + 1), generator.integers(width - wide + 1)
    return int(top), int(left), tall, wide


def resized_crop(pixels: Pixels, box: Box, size: tuple[int, int]) -> Pixels:
    """The box of the picture, scaled to `size` with an antialiased bilinear filter."""
    top, left, tall, wide = box
    part = pixels[top : top + tall, left : left + wide]
    if part.shape[:2] == size:
        return part
    dtype = part.dtype
    copy = np.array(part, dtype=dtype if dtype == np.uint8 else np.float32)
    tensor = torch.from_numpy(copy).permute(2, 0, 1)[None]
    scaled = torch.nn.functional.interpolate(tensor, size, mode="bilinear", antialias=True, align_corners=False)
    result = scaled[0].permute(1, 2, 0).numpy()
    return result if dtype == np.uint8 else np.rint(result).astype(dtype)


def jitter_colours(pixels: Pixels, amount: float, generator: np.random.Generator) -> Pixels:
    """Change brightness and contrast, and saturation where there are three channels, each by up to `amount`."""
    brightness, contrast, saturation = 1 + generator.uniform(-amount, amount, size=3)
    values = pixels.astype(np.float32) * np.float32(brightness)
    values = (values - values.mean()) * np.float32(contrast) + values.mean()
    if pixels.shape[2] == 3:
        grey = values.mean(axis=2, keepdims=True)
        values = (values - grey) * np.float32(saturation) + grey
    changed: Pixels = np.clip(np.rint(values), 0, np.iinfo(pixels.dtype).max).astype(pixels.dtype)
    return changed


def erase_box(pixels: Pixels, box: Box) -> Pixels:
    """Blank out the box with the mean colour of the picture."""
    top, left, tall, wide = box
    changed = np.array(pixels)
    changed[top : top + tall, left : left + wide] = pixels.mean(axis=(0, 1)).astype(pixels.dtype)
    return changed
