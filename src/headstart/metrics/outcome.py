"""What a model said about items whose truth is known, checked once, so that no metric has to check it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from headstart.core.errors import DataError, ModelError
from headstart.metrics.decision import decide

Array = npt.NDArray[np.floating[Any]]
Integers = npt.NDArray[np.integer[Any]]


@dataclass(frozen=True)
class Outcome:
    """Probabilities (N, C) and truth: class indices (N,), or 0 and 1 (N, C) for multi-label data."""

    probabilities: Array
    targets: npt.NDArray[Any]
    labels: tuple[str, ...]
    thresholds: tuple[float, ...] = ()

    @classmethod
    def of(
        cls,
        probabilities: npt.NDArray[Any],
        targets: npt.NDArray[Any],
        *,
        labels: Sequence[str] = (),
        thresholds: Sequence[float] = (),
    ) -> Outcome:
        """Check and keep. Labels without names are called by their numbers.

        Raises `ModelError` for probabilities that are not numbers, `DataError` without items, and `ValueError` for
        shapes, ranges or targets that no data set and model of ours can give.
        """
        probabilities, targets = np.asarray(probabilities), np.asarray(targets)
        _check_shapes(probabilities, targets)
        _check_probabilities(probabilities, multi_label=targets.ndim == 2)
        _check_targets(targets, classes=probabilities.shape[1])
        names = tuple(labels) or tuple(str(index) for index in range(probabilities.shape[1]))
        if len(names) != probabilities.shape[1]:
            raise ValueError(f"{len(names)} labels for {probabilities.shape[1]} columns of probabilities")
        return cls(probabilities, targets, names, tuple(thresholds))

    def __len__(self) -> int:
        return len(self.targets)

    @property
    def multi_label(self) -> bool:
        """Whether an item may have any number of labels."""
        return self.targets.ndim == 2

    @property
    def binary(self) -> bool:
        """Whether it is about two classes, of which the second is the positive one."""
        return not self.multi_label and len(self.labels) == 2

    @cached_property
    def predicted(self) -> npt.NDArray[Any]:
        """Class indices (N,), or bool (N, C)."""
        return decide(self.probabilities, multi_label=self.multi_label, thresholds=self.thresholds)

    @cached_property
    def support(self) -> Integers:
        """(C,) the number of items that have each label."""
        if self.multi_label:
            return np.asarray(self.targets.sum(axis=0, dtype=np.int64))
        return np.bincount(self.targets, minlength=len(self.labels))

    def has(self, label: int) -> npt.NDArray[np.bool_]:
        """(N,) which items have this label."""
        return np.asarray(self.targets[:, label] == 1 if self.multi_label else self.targets == label)

    def take(self, chosen: npt.NDArray[Any]) -> Outcome:
        """The outcome of just these items."""
        return Outcome(self.probabilities[chosen], self.targets[chosen], self.labels, self.thresholds)


def _check_shapes(probabilities: npt.NDArray[Any], targets: npt.NDArray[Any]) -> None:
    if probabilities.ndim != 2 or targets.ndim not in (1, 2) or len(probabilities) != len(targets):
        raise ValueError(f"probabilities of shape {probabilities.shape} for targets of shape {targets.shape}")
    if targets.ndim == 2 and targets.shape != probabilities.shape:
        raise ValueError(f"probabilities of shape {probabilities.shape} for targets of shape {targets.shape}")
    if not len(targets):
        raise DataError("There is no item to compute a metric from.")


def _check_probabilities(probabilities: npt.NDArray[Any], *, multi_label: bool) -> None:
    if not np.issubdtype(probabilities.dtype, np.floating):
        raise ValueError(f"probabilities are of type {probabilities.dtype}")
    broken = int((~np.isfinite(probabilities)).any(axis=1).sum())
    if broken:
        raise ModelError(
            f"The probabilities of {broken} of {len(probabilities)} items are not numbers.",
            hint="The weights or the inputs are not finite. A lower learning rate keeps a training from diverging.",
        )
    if probabilities.min(initial=0) < 0 or probabilities.max(initial=0) > 1 + 1e-3:
        raise ValueError("probabilities are outside of 0..1")
    if not multi_label and np.abs(probabilities.sum(axis=1) - 1).max(initial=0) > 1e-2:
        raise ValueError("the probabilities of an item do not sum to 1")


def _check_targets(targets: npt.NDArray[Any], *, classes: int) -> None:
    if targets.ndim == 2:
        if not np.isin(targets, (0, 1)).all():
            raise ValueError("multi-label targets are 0 and 1")
    elif not np.issubdtype(targets.dtype, np.integer):
        raise ValueError(f"class indices are of type {targets.dtype}")
    elif targets.min() < 0 or targets.max() >= classes:
        raise ValueError(f"class indices go from {targets.min()} to {targets.max()}, with {classes} classes")
