"""Which detections of a picture found an object, by COCO's rules: once for each picture, however often it is counted.

The rules are those of Lin et al. (2014), as in pycocotools: of each class the hundred best detections count, best
first; each takes the object that it overlaps most among those not taken yet. What overlaps a crowd, or an object
outside the range of sizes that is looked at, is neither right nor wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from headstart.core.detections import Detections
from headstart.core.targets import Boxes

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
OVERLAPS = np.linspace(0.5, 0.95, 10)
MOST = 100
AREAS = {
    "all": (0.0, 1e10),
    "small": (0.0, 32.0**2),
    "medium": (32.0**2, 96.0**2),
    "large": (96.0**2, 1e10),
}


@dataclass(frozen=True)
class Matches:
    """D detections of one class in N pictures, best first.

    `scores` and `pictures` are (D,), `right` and `counted` are (A, T, D) for the ranges of sizes and the overlaps;
    what is not counted is neither right nor wrong. `objects` (A, N) counts what was to be found.
    """

    scores: Array
    pictures: npt.NDArray[np.int64]
    right: Flags
    counted: Flags
    objects: npt.NDArray[np.int64]


def matches(found: Sequence[Detections], truth: Sequence[Boxes], label: int) -> Matches:
    """Match the detections of one class, picture by picture."""
    scores, pictures, right, counted = [], [], [], []
    objects = np.zeros((len(AREAS), len(truth)), np.int64)
    for number, (detections, boxes) in enumerate(zip(found, truth, strict=True)):
        mine = np.flatnonzero(detections.labels == label)
        mine = mine[np.argsort(-detections.scores[mine], kind="stable")][:MOST]
        real = boxes.labels == label
        idle = _idle(boxes.xyxy[real], boxes.ignored[real])
        objects[:, number] = (~idle).sum(axis=1)
        taken, ignored = _matched(detections.xyxy[mine], boxes.xyxy[real], boxes.ignored[real], idle)
        scores.append(detections.scores[mine].astype(np.float64))
        pictures.append(np.full(len(mine), number))
        right.append(taken & ~ignored)
        counted.append(~ignored)
    every = np.concatenate([np.zeros(0), *scores])
    order = np.argsort(-every, kind="stable")
    empty = np.zeros((len(AREAS), len(OVERLAPS), 0), np.bool_)
    return Matches(
        every[order],
        np.concatenate([np.zeros(0, np.int64), *pictures])[order],
        np.concatenate([empty, *right], axis=2)[:, :, order],
        np.concatenate([empty, *counted], axis=2)[:, :, order],
        objects,
    )


def overlaps(one: npt.NDArray[np.floating], other: npt.NDArray[np.floating], *, crowd: Flags | None = None) -> Array:
    """(M, K) shares of the union that M and K boxes have in common; with a crowd, of the first box's own area."""
    first, second = one.astype(np.float64), other.astype(np.float64)
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    common = np.maximum(high - low, 0).prod(axis=2)
    own, others = areas(first)[:, None], areas(second)[None]
    whole = own + others - common
    if crowd is not None:
        whole = np.where(crowd[None], own, whole)
    shares: Array = np.divide(common, whole, out=np.zeros_like(common), where=whole > 0)
    return shares


def areas(xyxy: npt.NDArray[np.floating]) -> Array:
    """The areas (M,) of boxes (M, 4)."""
    sides = np.maximum(xyxy[:, 2:].astype(np.float64) - xyxy[:, :2], 0)
    return np.asarray(sides[:, 0] * sides[:, 1])


def _idle(xyxy: npt.NDArray[np.float32], ignored: Flags) -> Flags:
    """(A, K): the objects that need not be found, by range of sizes."""
    size = areas(xyxy)
    ranges = np.array(list(AREAS.values()))
    outside = (size[None] < ranges[:, :1]) | (size[None] > ranges[:, 1:])
    return np.asarray(ignored[None] | outside)


def _matched(
    boxes: npt.NDArray[np.float32], real: npt.NDArray[np.float32], crowd: Flags, idle: Flags
) -> tuple[Flags, Flags]:
    """(A, T, D) twice: whether a detection, best first, found something, and whether it is not counted."""
    shape = (len(AREAS), len(OVERLAPS), len(boxes))
    found, ignored = np.zeros(shape, np.bool_), np.zeros(shape, np.bool_)
    if len(real) and len(boxes):
        shares = overlaps(boxes, real, crowd=crowd)
        least = np.minimum(OVERLAPS, 1 - 1e-10)
        taken = np.zeros((*shape[:2], len(real)), np.bool_)
        for place in np.flatnonzero(shares.max(axis=1) >= least[0]):
            share = shares[place]
            free = (share[None] >= least[:, None])[None] & (~taken | crowd)
            best = _best(share, free & ~idle[:, None])
            best = np.where(best < 0, _best(share, free & idle[:, None]), best)
            hit = best >= 0
            found[:, :, place] = hit
            ignored[:, :, place] = hit & np.take_along_axis(idle, np.maximum(best, 0), axis=1)
            area, overlap = np.nonzero(hit)
            taken[area, overlap, best[hit]] = True
    outside = _idle(boxes, np.zeros(len(boxes), np.bool_))
    return found, ignored | (~found & outside[:, None])


def _best(share: Array, allowed: Flags) -> npt.NDArray[np.int64]:
    """(A, T): the allowed object of the largest share, the last of equal ones; -1 where none is allowed."""
    masked = np.where(allowed, share, -1.0)[:, :, ::-1]
    best = masked.shape[2] - 1 - masked.argmax(axis=2)
    return np.where(allowed.any(axis=2), best, -1)
