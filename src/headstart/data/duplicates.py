"""Pictures that are there more than once: the same bytes, or the same picture stored in another way.

Near duplicates are pairs whose hashes differ in at most 4 of 64 bits, whose shapes agree and whose sketches are alike.
The numbers come from measurements (`docs/duplicates.md`): re-encoded and resized copies of photos have a likeness of at
least 0.995, different photos hardly ever. Where many different pictures share their outlines, such as handwritten
digits, candidates that are not alike are common; only what is alike beyond any doubt counts there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from headstart.core.dataset import Indices
from headstart.data.sketch import Hashes, Sketches, hashes, likeness

DISTANCE = 4
ALIKE = 0.995
ALIKE_BEYOND_DOUBT = 0.999
UNLIKE = 0.98
COMMON = 0.02
SHAPE = 0.05
MOST_COMPARISONS = 300_000_000
BITS = 64


@dataclass(frozen=True)
class NearDuplicates:
    """Pairs (P, 2) of rows, the smaller first, and how they were found.

    `distance` is the largest number of differing bits that was looked for: less than `DISTANCE`, or -1 for no search at
    all, where there are too many pictures of one outline. `threshold` is the least likeness that counted.
    """

    pairs: Indices
    distance: int
    threshold: float


def exact_groups(content: npt.NDArray[np.uint8]) -> Indices:
    """int64 (N,): for each item the first one with the same content hash."""
    keys = np.ascontiguousarray(content).view("S16").reshape(len(content))
    _, first, of = np.unique(keys, return_index=True, return_inverse=True)
    return first[of].astype(np.int64)


def near_duplicates(
    drawn: Sketches, *, shapes: npt.NDArray[np.floating[Any]], most_comparisons: int = MOST_COMPARISONS
) -> NearDuplicates:
    """Near duplicates among sketches (N, 64); `shapes` (N,) is width divided by height.

    Leave out all but one of exact duplicates: they would only be found again.
    """
    rows = np.flatnonzero(drawn.any(axis=1))
    marks = hashes(drawn[rows])
    distance = _affordable_distance(marks, most_comparisons)
    if distance < 0:
        return NearDuplicates(np.zeros((0, 2), np.int64), -1, ALIKE_BEYOND_DOUBT)
    pairs = rows[_pairs_within(marks, distance)]
    ratio = np.abs(np.log(shapes[pairs[:, 0]] / shapes[pairs[:, 1]]))
    pairs = pairs[ratio <= SHAPE]
    alike = likeness(drawn, pairs[:, 0], pairs[:, 1])
    threshold = ALIKE_BEYOND_DOUBT if _outlines_are_common(pairs[alike < UNLIKE], len(drawn)) else ALIKE
    return NearDuplicates(pairs[alike >= threshold].astype(np.int64), distance, threshold)


def _outlines_are_common(unlike: Indices, count: int) -> bool:
    """Whether so many pictures have a candidate which is not alike that likeness proves little."""
    return len(np.unique(unlike)) > max(COMMON * count, 10)


def _affordable_distance(marks: Hashes, most: int) -> int:
    """The largest distance up to `DISTANCE` that takes at most so many comparisons in each band; -1 if none does."""
    for distance in (DISTANCE, 2, 1, 0):
        if max((_comparisons(key) for key in _bands(marks, distance)), default=0) <= most:
            return distance
    return -1


def _bands(marks: Hashes, distance: int) -> Iterator[Hashes]:
    """For each of `distance` + 1 disjoint sets of bits, the hashes with only those bits.

    Two hashes that differ in at most `distance` bits agree in one of the sets. Each set has bits of every frequency, so
    that none consists of those that hardly vary.
    """
    for band in range(distance + 1):
        mask = sum(1 << bit for bit in range(band, BITS, distance + 1))
        yield marks & np.uint64(mask)


def _comparisons(key: Hashes) -> int:
    _, counts = np.unique(key, return_counts=True)
    counts = counts.astype(np.int64)
    return int((counts * (counts - 1) // 2).sum())


def _pairs_within(marks: Hashes, distance: int) -> Indices:
    """int64 (P, 2): pairs of rows whose hashes differ in at most `distance` bits, the smaller row first, sorted."""
    found = [np.zeros((0, 2), np.int64)]
    for key in _bands(marks, distance):
        order = np.argsort(key, kind="stable")
        for left, right in _neighbours(key[order]):
            close = np.bitwise_count(marks[order[left]] ^ marks[order[right]]) <= distance
            found.append(np.stack([order[left[close]], order[right[close]]], axis=1))
    return np.unique(np.sort(np.concatenate(found), axis=1), axis=0)


def _neighbours(ordered: Hashes) -> Iterator[tuple[Indices, Indices]]:
    """Every pair of places with equal values in a sorted array: first those one apart, then two, and so on."""
    ends = np.searchsorted(ordered, ordered, side="right")
    left = np.arange(len(ordered), dtype=np.int64)
    step = 1
    while True:
        left = left[left + step < ends[left]]
        if not len(left):
            return
        yield left, left + step
        step += 1
