"""The logits behind probabilities, as far as 32-bit floats still know them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def logits_of(probabilities: npt.NDArray[Any], *, multi_label: bool) -> npt.NDArray[np.float64]:
    """Logits (N, C): of a softmax up to a constant for each item, of sigmoids (multi-label) exactly."""
    smallest = float(np.finfo(np.float32).tiny)
    known = np.asarray(probabilities, np.float64)
    if not multi_label:
        return np.asarray(np.log(known.clip(smallest)))
    known = known.clip(smallest, 1 - float(np.finfo(np.float32).eps) / 2)
    return np.asarray(np.log(known) - np.log1p(-known))


def probabilities_of(logits: npt.NDArray[Any], *, multi_label: bool) -> npt.NDArray[np.float64]:
    """Softmax over the labels, or a sigmoid for each (multi-label)."""
    if multi_label:
        small = np.exp(-np.abs(logits))
        return np.asarray(np.where(logits >= 0, 1 / (1 + small), small / (1 + small)))
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))
