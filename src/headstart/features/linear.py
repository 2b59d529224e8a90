"""A linear classifier and what its scores mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]
Link = Literal["softmax", "sigmoid"]


@dataclass(frozen=True)
class Linear:
    """Scores are features times `weight` (K, D), transposed, plus `bias` (K,)."""

    weight: Doubles
    bias: Doubles

    def scaled(self, factor: npt.ArrayLike, shift: npt.ArrayLike = 0.0) -> Linear:
        """The classifier whose scores are these times `factor`, plus `shift`: one number each, or (K,)."""
        factor = np.asarray(factor, np.float64)
        return Linear(self.weight * factor.reshape(-1, 1), self.bias * factor + np.asarray(shift))


def probabilities(scores: npt.NDArray[Any], link: Link) -> npt.NDArray[np.float32]:
    """Float32 (N, K) from scores (N, K)."""
    if link == "sigmoid":
        return np.asarray(np.exp(-np.logaddexp(0, -scores, dtype=np.float64)), np.float32)
    powers = np.exp(scores - scores.max(axis=1, keepdims=True), dtype=np.float64)
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float32)


def two_classes(linear: Linear) -> Linear:
    """The classifier with two rows and a softmax that says what one row and a sigmoid said of the second class."""
    half = linear.scaled(0.5)
    return Linear(np.concatenate([-half.weight, half.weight]), np.concatenate([-half.bias, half.bias]))
