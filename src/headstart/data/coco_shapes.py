"""COCO's outlines of objects, polygons and run-length codes -> the boxes around them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

XYXY = tuple[float, float, float, float]
MOST_PIXELS = 1 << 30
"""A run-length code of more is not unfolded."""


def box_of(segmentation: Any) -> XYXY | None:
    """The box around a list of polygons, or around a run-length code; None where it outlines nothing.

    Raises `ValueError` for what is neither.
    """
    if isinstance(segmentation, dict):
        return box_of_runs(segmentation)
    if not isinstance(segmentation, list):
        raise ValueError(f"a segmentation is a list of polygons or a run-length code, not {segmentation!r:.40}")
    polygons = [segmentation] if segmentation and not isinstance(segmentation[0], list) else segmentation
    try:
        points = np.array([value for polygon in polygons for value in polygon], np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"a polygon is pairs of numbers, not {segmentation!r:.40}") from error
    if points.ndim != 1 or not np.isfinite(points).all():
        raise ValueError(f"a polygon is pairs of numbers, not {segmentation!r:.40}")
    if not len(points):
        return None
    if len(points) % 2:
        raise ValueError("a polygon has an odd number of coordinates")
    left, top = points.reshape(-1, 2).min(axis=0)
    right, bottom = points.reshape(-1, 2).max(axis=0)
    return float(left), float(top), float(right), float(bottom)


def box_of_runs(code: dict[str, Any]) -> XYXY | None:
    """The box around the ones of a run-length code, compressed or not."""
    mask = mask_of_runs(code)
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return None
    return float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)


def mask_of_runs(code: dict[str, Any]) -> npt.NDArray[np.bool_]:
    """The mask (H, W) of a run-length code: runs of zeros and ones in turn, column by column.

    Raises `ValueError` where the runs do not fill the picture.
    """
    try:
        height, width = (int(side) for side in code["size"])
        counts = code["counts"]
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise ValueError("a run-length code needs `size`, height and width, and `counts`") from error
    if height * width > MOST_PIXELS:
        raise ValueError(f"a run-length code of {width:.6g} x {height:.6g} pixels is too large to be one")
    try:
        runs = runs_of_text(counts) if isinstance(counts, (str, bytes)) else np.array(counts, np.int64)
    except (TypeError, OverflowError) as error:
        raise ValueError(
            f"the `counts` of a run-length code are no whole numbers, or too large: {counts!r:.40}"
        ) from error
    if runs.ndim != 1 or (runs < 0).any() or (runs > height * width).any() or runs.sum() != height * width:
        raise ValueError(f"a run-length code does not fill its {width} x {height} pixels")
    values = np.repeat(np.arange(len(runs)) % 2 == 1, runs)
    return values.reshape(width, height).T


def runs_of_text(text: str | bytes) -> npt.NDArray[np.int64]:
    """Run lengths from COCO's compressed text: groups of five bits, from the third on as differences to two before."""
    content = text.encode("ascii", "replace") if isinstance(text, str) else text
    runs: list[int] = []
    value = shift = 0
    for character in content:
        bits = character - 48
        if not 0 <= bits < 64:
            raise ValueError("the compressed text of a run-length code has characters that it cannot have")
        value |= (bits & 31) << shift
        shift += 5
        if bits & 32:
            continue
        if bits & 16:
            value -= 1 << shift
        runs.append(value + (runs[-2] if len(runs) > 2 else 0))
        value = shift = 0
    if shift:
        raise ValueError("the compressed text of a run-length code ends in the middle of a number")
    return np.array(runs, np.int64)


def box_of_edges(bbox: Any) -> XYXY:
    """Edges from COCO's left, top, width and height. Raises `ValueError` where these are not four numbers."""
    numbers = bbox if isinstance(bbox, list) and len(bbox) == 4 else [None]
    if not all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in numbers):
        raise ValueError(f"a bbox is four numbers, not {bbox!r:.60}")
    try:
        left, top, width, height = map(float, numbers)
    except OverflowError:
        raise ValueError(f"a bbox has a number that is too large: {bbox!r:.60}") from None
    return left, top, left + width, top + height
