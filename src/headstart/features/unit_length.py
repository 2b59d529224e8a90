"""A linear head on features of length 1, as contrastive tuning leaves them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from headstart.features.words_probe import Wanted, solve

LEAST = 1e-12
"""Shorter features are left as they are."""


def unit_length_head(rows: npt.NDArray[Any], wanted: Wanted, *, strength: float) -> dict[str, torch.Tensor]:
    """The state of a linear layer whose logits are those of scikit-learn's logistic regression with C = `strength`.

    `rows` (N, D) are features, brought to length 1 here, and not standardised: their directions are what was learnt.
    """
    unit = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), LEAST)
    weight, bias = solve(unit, wanted, strength=strength)
    return {"weight": torch.from_numpy(weight.astype(np.float32)), "bias": torch.from_numpy(bias.astype(np.float32))}
