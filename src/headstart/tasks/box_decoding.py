"""What a detector says of cells -> the boxes of each picture, in its own pixels, none of them twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torchvision.ops import batched_nms

from headstart.core.detections import Detections
from headstart.models.networks.detector import Found
from headstart.tasks.box_head import CellOutputs
from headstart.tasks.box_loss import boxes_at

LEAST_SCORE = 0.02
CANDIDATES = 1000
MOST = 300
OVERLAP = 0.6
"""Of two boxes of one class that have more than this in common, the less probable one goes."""


EDGE = 4.0
"""Pixels of the input: what a tile's inner edge cuts off is left to the tile that shows the whole of it."""


def decode_views(found: Sequence[Found], views: Sequence[Any], *, size: tuple[int, int], repeats: bool) -> Detections:
    """The detections of a picture of this height and width, from what is found in each of its views.

    A view is `features.tiles.View`: the whole picture, or a tile of it. `repeats` says whether several boxes of a view
    may be of one object.
    """
    placed = [
        _of_view(one, view, size, tile=place > 0) for place, (one, view) in enumerate(zip(found, views, strict=True))
    ]
    boxes, labels, scores = (torch.cat(parts) for parts in zip(*placed, strict=True))
    return distinct(boxes, labels, scores, size=size, overlap=OVERLAP if repeats or len(views) > 1 else 1.0)


def _of_view(found: Found, view: Any, size: tuple[int, int], *, tile: bool) -> Found:
    boxes, labels, scores = found
    high, wide = view.fitted.pixels.shape[:2]
    across, down = view.fitted.factors
    if tile:
        tall, broad = view.fitted.size
        inner = (view.left > 0, view.top > 0, view.left + broad < size[1], view.top + tall < size[0])
        gaps = torch.stack([boxes[:, 0], boxes[:, 1], wide - boxes[:, 2], high - boxes[:, 3]], 1)
        whole = ((gaps > EDGE) | ~torch.tensor(inner, device=boxes.device)).all(1)
        boxes, labels, scores = boxes[whole], labels[whole], scores[whole]
    boxes = boxes / boxes.new_tensor([across, down, across, down])
    return Found(boxes + boxes.new_tensor([view.left, view.top, view.left, view.top]), labels, scores)


def decode_boxes(outputs: CellOutputs, picture: int) -> Found:
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
    return Found(boxes, chosen % labels, scores[chosen])


def distinct(
    boxes: Tensor, labels: Tensor, scores: Tensor, *, size: tuple[int, int], overlap: float = OVERLAP
) -> Detections:
    """The detections of a picture of this height and width: cut at its edges, best first, one for each object.

    Of two boxes of one class that have more than `overlap` in common, the less probable one goes.
    """
    height, width = size
    limits = boxes.new_tensor([width, height, width, height])
    boxes = torch.minimum(boxes.clamp(min=0), limits)
    there = ((boxes[:, 2:] - boxes[:, :2]) > 0).all(1)
    boxes, labels, scores = boxes[there], labels[there], scores[there]
    kept = batched_nms(boxes, scores, labels, overlap)[:MOST]
    return Detections(
        boxes[kept].cpu().numpy().astype(np.float32),
        labels[kept].cpu().numpy().astype(np.int32),
        scores[kept].cpu().numpy().astype(np.float32),
    )
