"""COCO's mean average precision, with weights of pictures so that resamples of them need no new matching."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from headstart.core.detections import Detections
from headstart.core.targets import Boxes
from headstart.core.wilson import wilson
from headstart.metrics.box_matches import AREAS, OVERLAPS, Array, Matches, matches

RECALLS = np.linspace(0, 1, 101)
LEVEL = 0.95
MOST_REPLICATES, LEAST_REPLICATES, WORK = 200, 50, 4e8
AT_50, AT_75 = 0, 5


@dataclass(frozen=True)
class Scored:
    """Average precisions (A, T, C) by size, overlap and class; NaN where there is nothing to be found."""

    precision: Array

    def metrics(self) -> dict[str, float]:
        """`mAP`, `mAP50`, `mAP75` and the `mAP` of each size that there is."""
        values = {"mAP": self.precision[0], "mAP50": self.precision[0, AT_50], "mAP75": self.precision[0, AT_75]}
        values |= {
            f"mAP_{name}": self.precision[place] for place, name in enumerate(AREAS) if 0 < place < len(self.precision)
        }
        return {name: float(np.nanmean(value)) for name, value in values.items() if not np.isnan(value).all()}

    def per_class(self) -> tuple[Array, Array]:
        """Both means of each class, mAP and mAP50, (C,) and NaN where there is none of it."""
        return self.precision[0].mean(axis=0), self.precision[0, AT_50]


class Detected:
    """What was found in N pictures and what is there, matched once."""

    def __init__(self, found: Sequence[Detections], truth: Sequence[Boxes], classes: int) -> None:
        self.pictures = len(truth)
        self.classes = [matches(found, truth, label) for label in range(classes)]

    @cached_property
    def once(self) -> Scored:
        """With every picture counted once."""
        return self.weighted(np.ones(self.pictures))

    def weighted(self, weights: Array, *, small_ranges: bool = True) -> Scored:
        """With picture n counted `weights[n]` times; without `small_ranges` for all sizes only."""
        ranges = len(AREAS) if small_ranges else 1
        found = [_average_precision(one, weights, ranges) for one in self.classes]
        return Scored(np.stack(found, axis=2))

    def intervals(self, *, units: npt.NDArray[np.int64] | None = None, seed: int = 0) -> dict[str, tuple[float, float]]:
        """95 % intervals of `mAP` and `mAP50`, by resampling pictures, or `units` (N,) of them.

        The bootstrap gives the standard error, Wilson's formula the interval that belongs to it.
        """
        of = np.arange(self.pictures) if units is None else units
        count = int(of.max(initial=-1)) + 1
        if count < 2:
            return {}
        random = np.random.default_rng(seed)
        work = sum(len(one.scores) for one in self.classes) * len(OVERLAPS) + 1
        replicates = int(np.clip(WORK / work, LEAST_REPLICATES, MOST_REPLICATES))
        drawn: dict[str, list[float]] = {}
        for _ in range(replicates):
            times = np.bincount(random.integers(0, count, count), minlength=count).astype(np.float64)
            for name, value in self.weighted(times[of], small_ranges=False).metrics().items():
                drawn.setdefault(name, []).append(value)
        known = self.once.metrics()
        return {name: found for name, values in drawn.items() if (found := _interval(known[name], values, count))}


def _interval(value: float, drawn: list[float], units: int) -> tuple[float, float] | None:
    from scipy.special import stdtrit

    error = float(np.std(drawn)) * np.sqrt(units / (units - 1))
    size = value * (1 - value) / error**2 if error > 1e-6 and 0 < value < 1 else float(units)
    return wilson(value, size=min(size, 1e9), quantile=float(stdtrit(units - 1, (1 + LEVEL) / 2)))


def _average_precision(one: Matches, weights: Array, ranges: int) -> Array:
    """(A, T): the mean over 101 recalls of the best precision at that recall or a higher one."""
    result = np.full((ranges, len(OVERLAPS)), np.nan)
    objects = one.objects[:ranges] @ weights
    of = weights[one.pictures]
    right = np.cumsum(one.right[:ranges] * of, axis=2)
    counted = np.cumsum(one.counted[:ranges] * of, axis=2)
    precision = right / np.maximum(counted, np.spacing(1))
    precision = np.maximum.accumulate(precision[:, :, ::-1], axis=2)[:, :, ::-1]
    for area in np.flatnonzero(objects > 0):
        for place in range(len(OVERLAPS)):
            recall = right[area, place] / objects[area]
            at = np.searchsorted(recall, RECALLS, side="left")
            reached = at < len(recall)
            result[area, place] = precision[area, place][at[reached]].sum() / len(RECALLS)
    return result
