"""Truth in the form that solvers want: which scores there are, what an item's scores should be, how much it counts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from headstart.core.dataset import Indices
from headstart.features.linear import Doubles, Link


@dataclass(frozen=True)
class Truth:
    """Targets of N items: class indices (N,) or 0 and 1 (N, C), among `labels` labels.

    There are `scores` numbers an item to learn: one for two classes, else one a label. `positive` and `negative`, each
    (scores,), are the weights of items that have a label and of those that have not; with a softmax each item has the
    weight `positive` of its class.
    """

    targets: npt.NDArray[Any]
    labels: int
    link: Link
    positive: Doubles
    negative: Doubles

    @classmethod
    def of(cls, targets: npt.NDArray[Any], labels: int, class_weights: Literal["none", "balanced"]) -> Truth:
        """`balanced` gives every class the same total weight; the mean weight of an item is 1 either way."""
        multi_label = targets.ndim == 2
        link: Link = "sigmoid" if multi_label or labels == 2 else "softmax"
        seen = targets.sum(axis=0, dtype=np.int64) if multi_label else np.bincount(targets, minlength=labels)
        counts, total = np.maximum(seen, 1), len(targets)
        if class_weights == "none":
            positive = negative = np.ones(1 if not multi_label and labels == 2 else labels)
        elif multi_label:
            positive, negative = total / (2 * counts), total / (2 * np.maximum(total - counts, 1))
        elif labels == 2:
            positive, negative = total / (2 * counts[1:]), total / (2 * counts[:1])
        else:
            positive = negative = total / ((seen > 0).sum() * counts)
        return cls(targets, labels, link, positive, negative)

    def __len__(self) -> int:
        return len(self.targets)

    @property
    def scores(self) -> int:
        """The number of scores an item."""
        return len(self.positive)

    @property
    def one_row(self) -> bool:
        """Whether one score stands for two classes."""
        return self.targets.ndim == 1 and self.labels == 2

    def take(self, positions: Indices) -> Truth:
        """The truth of just these items, with the weights of all."""
        return replace(self, targets=self.targets[positions])

    def wanted(self, where: slice = slice(None)) -> Doubles:
        """0 and 1 (n, scores) of these items."""
        targets = self.targets[where]
        if targets.ndim == 2:
            return np.asarray(targets, np.float64)
        if self.one_row:
            return np.asarray(targets == 1, np.float64)[:, None]
        return np.asarray(targets[:, None] == np.arange(self.labels), np.float64)

    def weights(self, where: slice, wanted: Doubles) -> Doubles:
        """How much each of these items counts: (n, 1) with a softmax, (n, scores) with sigmoids."""
        if self.link == "softmax":
            return np.asarray(self.positive[self.targets[where]][:, None])
        return np.asarray(wanted * self.positive + (1 - wanted) * self.negative)
