"""Weights of classes that let rare ones count as much as common ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch


def balanced_weights(targets: npt.NDArray[Any], *, labels: int) -> torch.Tensor:
    """Weights (C,) that let every class count alike; for multi-label data, negatives over positives of each label."""
    if targets.ndim == 2:
        positive = np.maximum(targets.sum(axis=0), 1)
        negative = np.maximum(len(targets) - positive, 1)  # a weight of 0 would leave a label that all have unlearnt
        return torch.from_numpy((negative / positive).astype(np.float32))
    counts = np.maximum(np.bincount(targets, minlength=labels), 1)
    return torch.from_numpy((len(targets) / (labels * counts)).astype(np.float32))
