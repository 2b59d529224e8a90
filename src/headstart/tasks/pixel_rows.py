"""Pixels of pictures as rows, for scores of how well features suit classes: rare ones as often as the others."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch.nn.functional import grid_sample

from headstart.core.dataset import Dataset
from headstart.core.rows import Rows
from headstart.core.targets import IGNORED
from headstart.models.backbone import Features

A_CLASS = 4
"""Pixels of each class that are drawn from each picture: neighbouring ones say the same again."""


def pixel_rows(features: Features, dataset: Dataset, *, seed: int = 0) -> Rows:
    """Features of drawn pixels: all maps side by side, between the cells by bilinear interpolation.

    The maps (N, C, H, W) are of the whole pictures of the data set, without padding. `groups` tells the pictures apart.
    """
    if features.maps is None:
        raise ValueError("the backbone gives no feature maps")
    rows, classes, groups = [], [], []
    for number, mask in enumerate(dataset.targets):
        pixels = mask.pixels()
        places = _drawn(pixels, np.random.default_rng((seed, number)))
        if not len(places):
            continue
        middle = (places + 0.5) / pixels.shape * 2 - 1
        grid = torch.from_numpy(np.ascontiguousarray(middle[:, ::-1], np.float32))[None, None]
        found = [
            grid_sample(one[number : number + 1].float().cpu(), grid, padding_mode="border", align_corners=False)
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
    chosen = []
    for label in np.unique(pixels):
        if label != IGNORED:
            places = np.argwhere(pixels == label)
            chosen.append(places[random.permutation(len(places))[:A_CLASS]])
    return np.concatenate(chosen).astype(np.int64) if chosen else np.zeros((0, 2), np.int64)
