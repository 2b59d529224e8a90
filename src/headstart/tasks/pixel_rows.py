"""Pixels of pictures as rows, for scores of how well features suit classes: rare ones as often as the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch.nn.functional import grid_sample

from headstart.core.rows import Rows
from headstart.core.targets import IGNORED
from headstart.data.geometry import padded_size
from headstart.models.backbone import Features

A_PICTURE, A_CLASS = 30, 8
"""Pixels that are drawn from each picture, and of each class in it, at most: neighbouring ones say the same again."""


def pixel_rows(features: Features, items: Sequence[Any], targets: npt.NDArray[Any]) -> Rows:
    """Features of drawn pixels: all maps side by side, between the cells by bilinear interpolation.

    `items` (N) are pictures as `features.tiles.Viewed`, of which the view of the whole is taken, `targets` (N,) their
    masks; the maps are those of all their views. Which pixels there are follows from the masks alone. `groups` are
    places of the pictures.
    """
    if features.maps is None:
        raise ValueError("the backbone gives no feature maps")
    rows, classes, groups = [], [], []
    padded = np.array(padded_size([view.fitted.pixels.shape[:2] for item in items for view in item.views]))
    wholes = np.cumsum([0, *(len(item.views) for item in items)])[:-1]
    for number, (item, mask) in enumerate(zip(items, targets, strict=True)):
        pixels = mask.pixels()
        places = _drawn(pixels, np.random.default_rng(int.from_bytes(mask.digest()[:8], "little")))
        if not len(places):
            continue
        middle = (places + 0.5) / pixels.shape * item.views[0].fitted.pixels.shape[:2] / padded * 2 - 1
        grid = torch.from_numpy(np.ascontiguousarray(middle[:, ::-1], np.float32))[None, None]
        found = [
            grid_sample(
                one[wholes[number] : wholes[number] + 1].float().cpu(), grid, padding_mode="border", align_corners=False
            )
            for one in features.maps
        ]
        rows.append(torch.cat([one[0, :, 0].T for one in found], dim=1).numpy())
        classes.append(pixels[places[:, 0], places[:, 1]].astype(np.int64))
        groups.append(np.full(len(places), number, np.int64))
    width = sum(one.shape[1] for one in features.maps)
    if not rows:
        return Rows(x=np.zeros((0, width), np.float32), y=np.zeros(0, np.int64), groups=np.zeros(0, np.int64))
    return Rows(x=np.concatenate(rows), y=np.concatenate(classes), groups=np.concatenate(groups))


def _drawn(pixels: npt.NDArray[np.int16], random: np.random.Generator) -> npt.NDArray[np.int64]:
    """(M, 2) rows and columns: of each class that occurs a few pixels."""
    classes = [label for label in np.unique(pixels) if label != IGNORED]
    each = max(min(A_CLASS, A_PICTURE // max(len(classes), 1)), 1)
    chosen = []
    for label in classes:
        places = np.argwhere(pixels == label)
        chosen.append(places[random.permutation(len(places))[:each]])
    return np.concatenate(chosen).astype(np.int64) if chosen else np.zeros((0, 2), np.int64)
