"""Boxes as rows for scores: what a network's maps say inside of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torchvision.ops import roi_align

from headstart.core.rows import Rows
from headstart.core.targets import Boxes
from headstart.data.geometry import padded_size
from headstart.models.backbone import Features

SAMPLES = 4
"""Points a side at which a map is read inside a box."""
MOST = 30


def box_rows(features: Features, items: Sequence[Any], targets: Sequence[Boxes], *, labels: int) -> Rows:
    """A row for each of up to 30 boxes a picture: the means of all maps inside it, side by side.

    `items` are `features.tiles.Viewed`; of a picture with tiles, the view of the whole is taken.
    """
    assert features.maps is not None
    rows = np.cumsum([0, *(len(item.views) for item in items)])[:-1]
    size = padded_size([view.fitted.pixels.shape[:2] for item in items for view in item.views])
    chosen = [chosen_boxes(boxes, labels) for boxes in targets]
    shares = [
        boxes.xyxy[places] * np.tile(item.views[0].fitted.factors, 2) / (size[1], size[0], size[1], size[0])
        for item, boxes, places in zip(items, targets, chosen, strict=True)
    ]
    found = [_means(one[rows], shares) for one in features.maps]
    return Rows(
        x=torch.cat(found, 1).cpu().numpy(),
        y=np.concatenate([boxes.labels[places] for boxes, places in zip(targets, chosen, strict=True)]).astype(
            np.int64
        ),
        groups=np.repeat(np.arange(len(items)), [len(places) for places in chosen]),
    )


def chosen_boxes(boxes: Boxes, labels: int) -> npt.NDArray[np.int64]:
    """Up to 30 boxes that are not ignored, classes in proportion and none left out; always the same ones."""
    real = np.flatnonzero(~boxes.ignored).astype(np.int64)
    if len(real) <= MOST:
        return real
    shuffled = np.random.default_rng(list(boxes.digest())).permutation(real)
    quota = np.ceil(MOST * boxes.counts(labels) / len(real))
    kept = [
        place[: int(quota[label])] for label in range(labels) for place in [shuffled[boxes.labels[shuffled] == label]]
    ]
    return np.sort(np.concatenate(kept))


def _means(one: Tensor, shares: Sequence[npt.NDArray[np.floating[Any]]]) -> Tensor:
    cells = np.array([one.shape[3], one.shape[2]] * 2)
    boxes = [torch.from_numpy((share * cells).astype(np.float32)).to(one.device) for share in shares]
    means: Tensor = roi_align(one.float(), boxes, 1, sampling_ratio=SAMPLES, aligned=True).flatten(1)
    return means
