"""64 numbers that tell whether two pictures look alike, however they were stored.

A sketch holds the lowest frequencies of the grey picture at 32 x 32 pixels (a discrete cosine transform, without the
mean), scaled so that the largest is 127. Storing a picture again as JPEG, at another size, darker or in grey hardly
changes it. The signs alone are the perceptual hash of C. Zauner, "Implementation and Benchmarking of Perceptual Image
Hash Functions" (2010), and serve to find candidates. A hash of differences between neighbours (dHash) was worse at
both (`docs/duplicates.md`): of digits with empty margins it calls many more alike, and it finds half of their copies.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from headstart.data.colour import fit_channels
from headstart.data.geometry import Box

Sketches = npt.NDArray[np.int8]
Hashes = npt.NDArray[np.uint64]

SIDE = 32
LENGTH = 64
FLATTEST = 2.0  # standard deviation in shades of 255: less is nothing but noise
FEWEST = 8  # frequencies: fewer make a gradient or a few stripes, and those all look alike
FAINTEST = 4  # of 127


def _frequencies() -> list[tuple[int, int]]:
    """The lowest frequencies (vertical, horizontal), without the mean, by their sum."""
    pairs = [(down, across) for down in range(12) for across in range(12) if down + across]
    return sorted(pairs, key=lambda pair: (sum(pair), pair))[:LENGTH]


_DOWN, _ACROSS = np.array(_frequencies()).T
_POSITIONS = (2 * np.arange(SIDE) + 1) * np.pi / (2 * SIDE)
_WAVES = np.cos(np.arange(12)[:, None] * _POSITIONS[None]).astype(np.float32)
_WAVES[0] /= np.sqrt(2)


def thumbnail(planes: tuple[Image.Image, ...], *, box: Box | None = None) -> npt.NDArray[np.float32]:
    """float32 (32, 32): the picture in grey from 0 to 255, a deeper one stretched from its darkest to its brightest.

    `box` is where the picture lies in the planes, by default all of them.
    """
    deep = planes[0].mode == "I;16"
    gap = None if deep else 2.0  # Pillow shrinks by whole numbers first, but not this mode
    size = (SIDE, SIDE)
    small = tuple(plane.resize(size, Image.Resampling.BILINEAR, box=box, reducing_gap=gap) for plane in planes)
    shades = np.asarray(fit_channels(small, 1)[0], np.float32)
    if deep:
        low, high = float(shades.min()), float(shades.max())
        shades = (shades - low) * np.float32(255 / max(high - low, 1.0))
    return shades


def sketches(thumbnails: npt.NDArray[np.float32]) -> Sketches:
    """int8 (N, 64) of thumbnails (N, 32, 32); all zero where there is nothing to tell pictures apart by."""
    waves = _WAVES @ thumbnails @ _WAVES.T
    chosen = waves[:, _DOWN, _ACROSS]
    largest = np.abs(chosen).max(axis=1, keepdims=True)
    drawn: Sketches = np.rint(chosen * (127 / np.maximum(largest, 1e-6))).astype(np.int8)
    distinct = thumbnails.std(axis=(1, 2)) >= FLATTEST
    distinct &= (np.abs(drawn) >= FAINTEST).sum(axis=1) >= FEWEST
    drawn[~distinct] = 0
    return drawn


def hashes(drawn: Sketches) -> Hashes:
    """uint64 (N,): which of the 64 numbers are positive."""
    return np.ascontiguousarray(np.packbits(drawn > 0, axis=1)).view(">u8")[:, 0].astype(np.uint64)


def likeness(drawn: Sketches, first: npt.NDArray[Any], second: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    """float32 (P,): the cosine between the sketches of P pairs of rows; 1 for the same picture."""
    lengths = np.sqrt(np.einsum("ij,ij->i", drawn, drawn, dtype=np.float32))
    alike = np.empty(len(first), np.float32)
    for start in range(0, len(first), 65536):
        left, right = first[start : start + 65536], second[start : start + 65536]
        products = np.einsum("ij,ij->i", drawn[left], drawn[right], dtype=np.float32)
        alike[start : start + 65536] = products / np.maximum(lengths[left] * lengths[right], 1e-6)
    return alike
