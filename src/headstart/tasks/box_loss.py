"""The loss of a detector: focal loss of classes, generalized overlap of boxes, and how well each one fits."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, one_hot
from torchvision.ops import generalized_box_iou_loss, sigmoid_focal_loss

from headstart.tasks.box_assignment import BoxTarget, assign
from headstart.tasks.box_head import CellOutputs

FIT_WEIGHT = 0.5
BOX_WEIGHT = 2.0


def box_loss(
    outputs: CellOutputs, targets: Sequence[BoxTarget], *, class_weights: Tensor | None, label_smoothing: float
) -> Tensor:
    """The mean over the cells that are to find a box.

    Where the targets are a part of a step's (`step`), its cells are counted: what parts then say, each weighted by its
    share of the items, adds up to what the whole says.
    """
    assigned = [assign(outputs.cells, target) for target in targets]
    box = torch.stack([one.box for one in assigned])
    silent = torch.stack([one.silent for one in assigned])
    positive = box >= 0
    step = getattr(targets, "step", targets)
    count = positive.sum()
    if len(step) > len(targets):
        count = sum(((assign(outputs.cells, target).box >= 0).sum() for target in step), count.new_zeros(()))
    labels = torch.stack([_labels(one.box, target) for one, target in zip(assigned, targets, strict=True)])
    classes = _class_loss(outputs.classes, labels, class_weights, label_smoothing)[~silent].sum()
    wanted = torch.cat([target.xyxy[one.box[one.box >= 0]] for one, target in zip(assigned, targets, strict=True)])
    centres = outputs.cells[:, :2].expand(len(targets), -1, -1)[positive]
    found = boxes_at(centres, outputs.edges[positive])
    placed = generalized_box_iou_loss(found, wanted, reduction="sum")
    overlap = paired_overlap(found.detach(), wanted)
    fit = binary_cross_entropy_with_logits(outputs.fit[positive], overlap, reduction="sum")
    loss: Tensor = (classes + BOX_WEIGHT * placed + FIT_WEIGHT * fit) / count.clamp(min=1)
    return loss * (len(step) / len(targets))


def boxes_at(centres: Tensor, edges: Tensor) -> Tensor:
    """Boxes (..., 4) from cells' centres (..., 2) and distances to the four edges (..., 4)."""
    return torch.cat([centres - edges[..., :2], centres + edges[..., 2:]], dim=-1)


def paired_overlap(one: Tensor, other: Tensor) -> Tensor:
    """The share (M,) of their union that box m of the one and box m of the other have in common."""
    if not len(one):
        return one.new_zeros(0)
    low, high = torch.maximum(one[:, :2], other[:, :2]), torch.minimum(one[:, 2:], other[:, 2:])
    common = (high - low).clamp(min=0).prod(1)
    return common / ((one[:, 2:] - one[:, :2]).prod(1) + (other[:, 2:] - other[:, :2]).prod(1) - common).clamp(min=1e-9)


def _labels(box: Tensor, target: BoxTarget) -> Tensor:
    """The class of each cell, -1 for none."""
    if not len(target.labels):
        return box
    return torch.where(box >= 0, target.labels[box.clamp(min=0)], -1)


def _class_loss(logits: Tensor, labels: Tensor, weights: Tensor | None, smoothing: float) -> Tensor:
    """(N, K): the focal loss of each cell, over all classes."""
    number = logits.shape[2]
    wanted = one_hot(labels.clamp(min=0), number).to(logits) * (labels >= 0)[..., None]
    loss = sigmoid_focal_loss(logits, wanted * (1 - smoothing), reduction="none")
    if weights is not None:
        loss = loss * torch.where(wanted > 0, weights.to(logits), 1.0)
    summed: Tensor = loss.sum(2)
    return summed
