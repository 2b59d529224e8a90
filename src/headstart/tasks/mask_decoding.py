"""Logits of cells -> the class of every pixel of a picture of any size, from the whole of it or from its tiles."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

AT_ONCE = 1 << 24
"""Numbers that are made at a time when classes are brought to the size of a large picture."""


def decode_mask(logits: Tensor, item: Any, padded: tuple[int, int]) -> npt.NDArray[np.int16]:
    """(H, W) classes of the original picture, from logits (V, C, h, w) of its views, each padded to `padded`.

    `item` is a `features.tiles.Viewed`. Where there are tiles, each pixel is that of the tile whose middle is nearest,
    along rows and along columns: at its edge a tile knows least of what surrounds it.
    """
    whole, *tiles = item.views
    if not tiles:
        return _at_full_size(logits[0], whole.fitted, padded)
    answer = np.empty(item.size, np.int16)
    high, wide = tiles[0].fitted.size
    rows = _own_share(sorted({tile.top for tile in tiles}), high, item.size[0])
    columns = _own_share(sorted({tile.left for tile in tiles}), wide, item.size[1])
    for one, tile in zip(logits[1:], tiles, strict=True):
        (top, bottom), (left, right) = rows[tile.top], columns[tile.left]
        found = _at_full_size(one, tile.fitted, padded)
        answer[top:bottom, left:right] = found[top - tile.top : bottom - tile.top, left - tile.left : right - tile.left]
    return answer


def _own_share(starts: Sequence[int], tile: int, length: int) -> dict[int, tuple[int, int]]:
    """By where a tile begins along a side: from where to where it is the one that counts."""
    cuts = [(before + tile + after) // 2 for before, after in pairwise(starts)]
    return dict(zip(starts, zip([0, *cuts], [*cuts, length], strict=True), strict=True))


def _at_full_size(logits: Tensor, item: Any, padded: tuple[int, int]) -> npt.NDArray[np.int16]:
    """(H, W) of the original picture, from logits (C, h, w) of the padded input: a few rows at a time."""
    down, across = (
        between(have, inside / whole * cells, cells, logits.device)
        for have, inside, whole, cells in zip(item.size, item.pixels.shape[:2], padded, logits.shape[1:], strict=True)
    )
    wide = logits @ across.T  # (C, h, W); the places of `max` are found eight times as fast as by `argmax`
    rows = max(1, AT_ONCE // (logits.shape[0] * item.size[1]))
    parts = [(down[start : start + rows] @ wide).max(dim=0).indices for start in range(0, item.size[0], rows)]
    return np.asarray(torch.cat(parts).to(torch.int16).cpu().numpy())


def between(pixels: int, span: float, cells: int, device: torch.device) -> Tensor:
    """(pixels, cells): the weights by which values of cells are mixed for pixels that lie over the first `span` cells.

    Bilinear interpolation as one factor for each direction: two products of matrices are many times faster than
    looking every pixel up.
    """
    place = ((torch.arange(pixels, device=device) + 0.5) / pixels * span - 0.5).clamp(0, cells - 1)
    lower = place.floor().long().clamp(max=max(cells - 2, 0))
    share = place - lower
    weights = torch.zeros(pixels, cells, device=device)
    weights.scatter_(1, lower[:, None], (1 - share)[:, None])
    return weights.scatter_add_(1, (lower + 1).clamp(max=cells - 1)[:, None], share[:, None])
