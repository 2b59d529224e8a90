"""Boxes as rows for scores: what a network's maps say inside of each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torchvision.ops import roi_align

from headstart.core.dataset import Dataset
from headstart.core.rows import Rows
from headstart.core.targets import Boxes
from headstart.models.backbone import Features

SAMPLES = 4
"""Points a side at which a map is read inside a box."""


def box_rows(features: Features, dataset: Dataset) -> Rows:
    """A row for each box that is not ignored: the means of all maps inside it, side by side; `groups` is its picture.

    The boxes of `dataset` are in fractions of the input here, padding included.
    """
    assert features.maps is not None
    targets: Sequence[Boxes] = list(dataset.targets)
    kept = [~boxes.ignored for boxes in targets]
    boxes = [torch.from_numpy(one.xyxy[real]) for one, real in zip(targets, kept, strict=True)]
    labels = np.concatenate([one.labels[real] for one, real in zip(targets, kept, strict=True)])
    pictures = np.repeat(np.arange(len(targets)), [int(real.sum()) for real in kept])
    return Rows(x=torch.cat([_means(one, boxes) for one in features.maps], 1).numpy(), y=labels, groups=pictures)


def _means(one: Tensor, boxes: list[Tensor]) -> Tensor:
    cells = torch.tensor([one.shape[3], one.shape[2]] * 2, dtype=torch.float32)
    found = roi_align(one.float(), [each * cells for each in boxes], 1, sampling_ratio=SAMPLES, aligned=True)
    return found.flatten(1)
