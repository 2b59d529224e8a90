"""Which cell is to find which box: FCOS's rule, with what is ignored left out of the loss."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

RADIUS = 1.5
"""Strides around its centre within which a box's cells lie."""
REACH = 8
"""Strides up to which the longest edge distance of a level's boxes goes; 64 pixels at stride 8, as in FCOS."""
AT_ONCE = 512
"""Boxes compared with all cells at a time, so that ten thousand of them fit in memory."""


class BoxTarget(NamedTuple):
    """The boxes of one training picture in pixels of the input: float32 (M, 4), int64 (M,), bool (M,)."""

    xyxy: Tensor
    labels: Tensor
    ignored: Tensor


class Assignment(NamedTuple):
    """For K cells the box that each is to find, int64 and -1 for none, and whether it says nothing at all, bool."""

    box: Tensor
    silent: Tensor


def assign(cells: Tensor, target: BoxTarget) -> Assignment:
    """A cell finds the smallest of the boxes whose centre it is near, which it lies in, and which suit its level.

    A box that no cell would find this way gets the nearest one of its level that is free. Cells within an ignored box
    that find nothing are silent.
    """
    box = torch.full((len(cells),), -1, dtype=torch.int64, device=cells.device)
    area = torch.full((len(cells),), torch.inf, device=cells.device)
    silent = torch.zeros(len(cells), dtype=torch.bool, device=cells.device)
    low, high = ranges(cells[:, 2])
    for start in range(0, len(target.xyxy), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        edges = distances(cells, target.xyxy[part])  # (K, m, 4)
        inside = edges.amin(2) > 0
        silent |= (inside & target.ignored[part]).any(1)
        longest = edges.amax(2)
        near = inside & (longest > low[:, None]) & (longest <= high[:, None])
        near &= _central(cells, target.xyxy[part]) & ~target.ignored[part]
        sizes = _areas(target.xyxy[part])[None].masked_fill(~near, torch.inf)
        smallest, which = sizes.min(1)
        better = smallest < area
        box[better], area[better] = which[better] + start, smallest[better]
    _rescue(cells, target, box)
    return Assignment(box, silent & (box < 0))


def distances(cells: Tensor, xyxy: Tensor) -> Tensor:
    """(K, M, 4): from each cell's centre to the left, top, right and bottom of each box, negative outside."""
    x, y = cells[:, None, 0], cells[:, None, 1]
    left, top, right, bottom = xyxy.unbind(1)
    return torch.stack([x - left, y - top, right - x, bottom - y], dim=2)


def ranges(strides: Tensor) -> tuple[Tensor, Tensor]:
    """What the longest distance of a cell's boxes lies between: (low, high], by the stride of its level."""
    levels = torch.unique(strides)
    place = torch.searchsorted(levels, strides.contiguous())
    high = levels * REACH
    low = torch.cat([high.new_zeros(1), high[:-1]])
    high = torch.cat([high[:-1], high.new_full((1,), torch.inf)])
    return low[place], high[place]


def _central(cells: Tensor, xyxy: Tensor) -> Tensor:
    centres = (xyxy[:, :2] + xyxy[:, 2:]) / 2
    offset = (cells[:, None, :2] - centres[None]).abs().amax(2)
    return offset < RADIUS * cells[:, 2:3]


def _areas(xyxy: Tensor) -> Tensor:
    return (xyxy[:, 2] - xyxy[:, 0]) * (xyxy[:, 3] - xyxy[:, 1])


def _rescue(cells: Tensor, target: BoxTarget, box: Tensor) -> None:
    """Give boxes without a cell the nearest free one, in place; small and odd ones lie between centres of cells."""
    wanted = (~target.ignored).nonzero()[:, 0]
    found = torch.zeros(len(target.xyxy), dtype=torch.bool, device=box.device)
    found[box[box >= 0]] = True
    levels = torch.unique(cells[:, 2])
    for place in wanted[~found[wanted]].tolist():
        xyxy = target.xyxy[place]
        longest = (xyxy[2:] - xyxy[:2]).amax() / 2
        level = levels[min(int((longest > levels * REACH).sum()), len(levels) - 1)]
        centre = (xyxy[:2] + xyxy[2:]) / 2
        far = (cells[:, :2] - centre).abs().amax(1) + (cells[:, 2] != level) * 1e9 + (box >= 0) * 1e9
        nearest = int(far.argmin())
        if far[nearest] < 1e9:
            box[nearest] = place
