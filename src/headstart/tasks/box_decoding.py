"""What a detector says of cells -> the boxes of each picture, in its own pixels, none of them twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torchvision.ops import batched_nms

from headstart.core.detections import Detections
from headstart.tasks.box_head import CellOutputs
from headstart.tasks.box_loss import boxes_at

LEAST_SCORE = 0.02
CANDIDATES = 1000
MOST = 300
OVERLAP = 0.6
"""Of two boxes of one class that have more than this in common, the less probable one goes."""


EDGE = 4.0
"""Pixels of the input: what a tile's inner edge cuts off is left to the tile that shows the whole of it."""


def decode_views(outputs: CellOutputs, row: int, views: Sequence[Any], *, size: tuple[int, int]) -> Detections:
    """The detections of a picture of this height and width, whose views are the rows of the outputs from `row` on.

    A view is `features.tiles.View`: the whole picture, or a tile of it.
    """
    found = [_of_view(outputs, row + place, view, size, tile=place > 0) for place, view in enumerate(views)]
    boxes, labels, scores = (torch.cat(parts) for parts in zip(*found, strict=True))
    return distinct(boxes, labels, scores, size=size)


def _of_view(
    outputs: CellOutputs, row: int, view: Any, size: tuple[int, int], *, tile: bool
) -> tuple[Tensor, Tensor, Tensor]:
    boxes, labels, scores = decode_boxes(outputs, row)
    high, wide = view.fitted.pixels.shape[:2]
    across, down = view.fitted.factors
    if tile:
        tall, broad = view.fitted.size
        inner = (view.left > 0, view.top > 0, view.left + broad < size[1], view.top + tall < size[0])
        gaps = torch.stack([boxes[:, 0], boxes[:, 1], wide - boxes[:, 2], high - boxes[:, 3]], 1)
        whole = ((gaps > EDGE) | ~torch.tensor(inner, device=boxes.device)).all(1)
        boxes, labels, scores = boxes[whole], labels[whole], scores[whole]
    boxes = boxes / boxes.new_tensor([across, down, across, down])
    return boxes + boxes.new_tensor([view.left, view.top, view.left, view.top]), labels, scores


def decode_boxes(outputs: CellOutputs, picture: int) -> tuple[Tensor, Tensor, Tensor]:
    """Boxes (M, 4) in pixels of the input, labels (M,) and scores (M,) of one picture, overlapping ones included.

    A score is the geometric mean of the probability of the class and of how well the box is expected to fit.
    """
    probabilities = outputs.classes[picture].sigmoid() * outputs.fit[picture].sigmoid()[:, None]
    scores = probabilities.sqrt().flatten()
    chosen = torch.nonzero(scores > LEAST_SCORE)[:, 0]
    if len(chosen) > CANDIDATES:
        chosen = chosen[scores[chosen].topk(CANDIDATES).indices]
    labels = outputs.classes.shape[2]
    cell = chosen // labels
    boxes = boxes_at(outputs.cells[cell, :2], outputs.edges[picture, cell])
    return boxes, chosen % labels, scores[chosen]


def distinct(boxes: Tensor, labels: Tensor, scores: Tensor, *, size: tuple[int, int]) -> Detections:
    """The detections of a picture of this height and width: cut at its edges, best first, one for each object."""
    height, width = size
    limits = boxes.new_tensor([width, height, width, height])
    boxes = torch.minimum(boxes.clamp(min=0), limits)
    there = ((boxes[:, 2:] - boxes[:, :2]) > 0).all(1)
    boxes, labels, scores = boxes[there], labels[there], scores[there]
    kept = batched_nms(boxes, scores, labels, OVERLAP)[:MOST]
    return Detections(
        boxes[kept].cpu().numpy().astype(np.float32),
        labels[kept].cpu().numpy().astype(np.int32),
        scores[kept].cpu().numpy().astype(np.float32),
    )
