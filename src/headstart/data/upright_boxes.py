"""Boxes turned with their picture, as its EXIF orientation says."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

STORED_TURNED = (5, 6, 7, 8)
"""The orientations that exchange width and height."""


def turned(size: tuple[int, int], orientation: int) -> tuple[int, int]:
    """Width and height of the other of the two, the stored and the upright picture."""
    return (size[1], size[0]) if orientation in STORED_TURNED else size


def upright(xyxy: npt.NDArray[Any], stored: tuple[int, int], orientation: int) -> npt.NDArray[Any]:
    """Boxes (M, 4) of the stored picture, of this width and height, on the upright one."""
    width, height = stored
    left, top, right, bottom = np.moveaxis(np.asarray(xyxy), -1, 0)
    edges = {
        1: (left, top, right, bottom),
        2: (width - right, top, width - left, bottom),
        3: (width - right, height - bottom, width - left, height - top),
        4: (left, height - bottom, right, height - top),
        5: (top, left, bottom, right),
        6: (height - bottom, left, height - top, right),
        7: (height - bottom, width - right, height - top, width - left),
        8: (top, width - right, bottom, width - left),
    }
    return np.stack(edges.get(orientation, edges[1]), axis=-1)
