"""How well the classes of pixels are told: intersection over union and the like, from counts picture by picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from headstart.core.dataset import Indices
from headstart.core.errors import DataError
from headstart.core.evaluation import ClassRow, Evaluation, GroupRow
from headstart.core.targets import IGNORED
from headstart.core.wilson import wilson
from headstart.metrics.intervals import resampled_weights, student
from headstart.metrics.outcome import Integers
from headstart.metrics.ratio import mean_of_defined, ratio
from headstart.metrics.units import units_of

Array = npt.NDArray[np.float64]
REPLICATES, MOST_CONFUSION_CLASSES = 1000, 256
FEW_UNITS = 10


def pixel_confusion(truth: npt.NDArray[np.integer], predicted: npt.NDArray[np.integer], classes: int) -> Integers:
    """int64 (C, C): pixels of one picture by true (rows) and predicted (columns) class; `IGNORED` truth does not count.

    Raises `ValueError` for shapes that differ and for predictions outside of the classes.
    """
    if truth.shape != predicted.shape:
        raise ValueError(f"a mask of shape {truth.shape} for pixels of shape {predicted.shape}")
    known = truth != IGNORED
    rows, columns = truth[known].astype(np.int64), predicted[known].astype(np.int64)
    if columns.size and (columns.min() < 0 or columns.max() >= classes or rows.max() >= classes):
        raise ValueError(f"classes outside of 0 to {classes - 1}")
    return np.bincount(rows * classes + columns, minlength=classes**2).reshape(classes, classes)


@dataclass(frozen=True)
class PixelCounts:
    """For N pictures and C classes: pixels that are `right`, of the class in `truth`, and `predicted` as it, (N, C).

    `confusion` (C, C) is the sum over the pictures.
    """

    right: Integers
    truth: Integers
    predicted: Integers
    confusion: Integers

    @classmethod
    def of(cls, confusions: Sequence[Integers]) -> PixelCounts:
        """From the confusion matrix of each picture. Raises `DataError` without pictures."""
        if not len(confusions):
            raise DataError("There is no picture to compute a metric from.")
        rows = [(np.diagonal(one), one.sum(axis=1), one.sum(axis=0)) for one in confusions]
        right, truth, predicted = (np.stack(column).astype(np.int64) for column in zip(*rows, strict=True))
        return cls(right, truth, predicted, sum(confusions[1:], start=confusions[0].copy()))

    def __len__(self) -> int:
        return len(self.right)

    def take(self, chosen: npt.NDArray[np.bool_] | Indices) -> PixelCounts:
        """The counts of just these pictures; the confusion matrix is left as it is where all are taken, else empty."""
        whole = len(chosen) == len(self) and bool(np.all(chosen)) and chosen.dtype == np.bool_
        confusion = self.confusion if whole else np.zeros((0, 0), np.int64)
        return PixelCounts(self.right[chosen], self.truth[chosen], self.predicted[chosen], confusion)

    def weighted(self, weights: npt.NDArray[np.floating]) -> tuple[Array, Array, Array]:
        """Sums (C, B) of right, true and predicted pixels under B sets of weights (N, B) of the pictures."""
        right, truth, predicted = (
            one.T.astype(np.float64) @ weights for one in (self.right, self.truth, self.predicted)
        )
        return right, truth, predicted


def class_iou(counts: PixelCounts, weights: npt.NDArray[np.floating]) -> Array:
    """(C, B) intersection over union of each class over all pixels; NaN for one that is neither there nor predicted."""
    right, truth, predicted = counts.weighted(weights)
    return np.asarray(ratio(right, truth + predicted - right), np.float64)


def mean_iou(counts: PixelCounts, weights: npt.NDArray[np.floating]) -> Array:
    """(B,) the mean over the classes for which it is defined."""
    return np.asarray(mean_of_defined(class_iou(counts, weights)), np.float64)


def pixel_accuracy(counts: PixelCounts, weights: npt.NDArray[np.floating]) -> Array:
    """(B,) the fraction of pixels that are told right."""
    right, truth, _ = counts.weighted(weights)
    return np.asarray(ratio(right.sum(axis=0), truth.sum(axis=0)), np.float64)


def mean_class_accuracy(counts: PixelCounts, weights: npt.NDArray[np.floating]) -> Array:
    """(B,) the mean over classes of the fraction of their pixels that are told right."""
    right, truth, _ = counts.weighted(weights)
    return np.asarray(mean_of_defined(ratio(right, truth)), np.float64)


MASK_METRICS = {"mean_iou": mean_iou, "pixel_accuracy": pixel_accuracy, "mean_class_accuracy": mean_class_accuracy}
"""In the order in which they are shown."""


def measure_masks(
    counts: PixelCounts,
    labels: Sequence[str],
    *,
    part: str = "test",
    groups: Integers | None = None,
    group_names: Sequence[str] = (),
    leaked: Indices | None = None,
) -> Evaluation:
    """Everything that an evaluation says; intervals resample pictures, or whole groups (N,) of them.

    `leaked` are positions of pictures that training has seen, or a duplicate of them: the numbers are given with all
    pictures, and without these. Raises `DataError` where no pixel has a class.
    """
    found = _evaluation(counts, labels, part, groups, group_names)
    if leaked is None or not len(leaked):
        return found
    clean = np.ones(len(counts), np.bool_)
    clean[leaked] = False
    note = (
        f"{len(leaked)} of {len(counts)} items have a duplicate in the training data, which makes the numbers too good."
    )
    kept = None
    if counts.truth[clean].any():
        kept = _evaluation(counts.take(clean), labels, part, None if groups is None else groups[clean], group_names)
    return found.model_copy(update={"notes": (note, *found.notes), "without_leaks": kept})


def _evaluation(
    counts: PixelCounts, labels: Sequence[str], part: str, groups: Integers | None, names: Sequence[str]
) -> Evaluation:
    if not counts.truth.any():
        raise DataError("No pixel has a class: all of them are left out.")
    unit_of, units = units_of(len(counts), groups)
    once = np.ones((len(counts), 1))
    metrics = {name: float(metric(counts, once)[0]) for name, metric in MASK_METRICS.items()}
    intervals = _intervals(counts, metrics, unit_of, units)
    rows: tuple[GroupRow, ...] = () if groups is None else _group_rows(counts, groups, names)
    confusion = counts.confusion if len(labels) <= MOST_CONFUSION_CLASSES else counts.confusion[:0]
    return Evaluation(
        part=part,
        items=len(counts),
        metrics=metrics,
        intervals=intervals,
        resampled=(f"{len(counts)} items" if groups is None else f"{units} groups") if intervals else "",
        per_class=_class_rows(counts, labels, once),
        confusion=tuple(tuple(int(cell) for cell in row) for row in confusion),
        per_group=rows,
        notes=tuple(_notes(counts, labels, units)),
    )


def _intervals(
    counts: PixelCounts, metrics: dict[str, float], unit_of: Integers, units: int
) -> dict[str, tuple[float, float]]:
    """95 % intervals: the bootstrap over pictures gives the standard error, Wilson's formula the interval."""
    if units < 2:
        return {}
    weights = resampled_weights(units, REPLICATES, seed=0)[unit_of]
    found = {}
    for name, metric in MASK_METRICS.items():
        spread = metric(counts, weights)
        error = float(np.nanstd(spread)) * np.sqrt(units / (units - 1))
        value = metrics[name]
        size = value * (1 - value) / error**2 if error > 1e-6 else float(units)
        found[name] = wilson(value, size=size, quantile=student(units - 1))
    return found


def _class_rows(counts: PixelCounts, labels: Sequence[str], once: npt.NDArray[np.floating]) -> tuple[ClassRow, ...]:
    right, truth, predicted = counts.weighted(once)
    columns = {
        "iou": class_iou(counts, once)[:, 0],
        "precision": ratio(right, predicted)[:, 0],
        "recall": ratio(right, truth)[:, 0],
        "f1": ratio(2 * right, truth + predicted)[:, 0],
    }
    return tuple(
        ClassRow(
            label=label,
            support=int(truth[row, 0]),
            **{name: float(values[row]) for name, values in columns.items() if not np.isnan(values[row])},
        )
        for row, label in enumerate(labels)
    )


def _group_rows(counts: PixelCounts, groups: Integers, names: Sequence[str]) -> tuple[GroupRow, ...]:
    rows = []
    for code in np.unique(groups[groups >= 0]):
        inside = counts.take(np.flatnonzero(groups == code))
        once = np.ones((len(inside), 1))
        metrics = {name: float(metric(inside, once)[0]) for name, metric in MASK_METRICS.items()}
        metrics = {name: value for name, value in metrics.items() if not np.isnan(value)}
        rows.append(GroupRow(group=names[code], items=len(inside), metrics=metrics))
    return tuple(rows)


def _notes(counts: PixelCounts, labels: Sequence[str], units: int) -> list[str]:
    missing = [label for label, pixels in zip(labels, counts.truth.sum(axis=0), strict=True) if not pixels]
    notes = []
    if missing:
        notes.append(
            f"No pixel is of {', '.join(map(repr, missing[:5]))}: where such a class is predicted, its IoU is 0."
        )
    if units < 2:
        notes.append("There are no intervals: they take at least two pictures or groups.")
    elif units < FEW_UNITS:
        notes.append(f"The intervals rest on {units} pictures or groups, which is few.")
    return notes
