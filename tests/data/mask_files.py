"""Small pictures and masks on disk, for the tests of masks."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

SIZE = (12, 8)
"""Width and height."""


def picture(seed: int = 0, size: tuple[int, int] = SIZE) -> Image.Image:
    shades = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), np.uint8)
    return Image.fromarray(shades)


def numbers(values: Sequence[int], size: tuple[int, int] = SIZE) -> npt.NDArray[np.uint8]:
    """(H, W) stripes of the values."""
    return np.tile(np.resize(np.array(values, np.uint8), size[0]), (size[1], 1))


def save(path: Path, image: Any, **options: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(path, **options)


def encoded(image: Any, format: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(buffer, format, **options)
    return buffer.getvalue()


def write_pairs(
    root: Path, *names: str, values: Sequence[int] = (0, 1, 2), images: str = "images", masks: str = "masks"
) -> None:
    """A picture and a mask of stripes for each name."""
    for seed, name in enumerate(names):
        save(root / images / f"{name}.png", picture(seed))
        save(root / masks / f"{name}.png", numbers(values))
