"""What a model says of the pixels of one picture, kept small: thousands of them may be in memory."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class PixelAnswer:
    """The class of each pixel of a picture of height and width `size`, packed without loss."""

    packed: bytes
    size: tuple[int, int]

    @classmethod
    def of(cls, pixels: npt.NDArray[np.integer]) -> PixelAnswer:
        """From places of labels (H, W)."""
        height, width = pixels.shape
        return cls(zlib.compress(np.ascontiguousarray(pixels, np.int16).tobytes(), 1), (height, width))

    def pixels(self) -> npt.NDArray[np.int16]:
        """(H, W) places of labels."""
        return np.frombuffer(zlib.decompress(self.packed), np.int16).reshape(self.size)
