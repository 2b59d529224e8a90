"""Made-up probabilities and truth, for tests of metrics."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

Pair = tuple[npt.NDArray[np.float32], npt.NDArray[Any]]


def single(items: int, *, classes: int = 3, signal: float = 1.5, seed: int = 0, coarse: bool = False) -> Pair:
    """Softmax probabilities (N, C) and class indices (N,). Coarse ones are tenths, so that many are equal."""
    random = np.random.default_rng(seed)
    truth = random.integers(0, classes, items)
    logits = random.normal(size=(items, classes))
    logits[np.arange(items), truth] += signal
    powers = np.exp(logits)
    probabilities = powers / powers.sum(axis=1, keepdims=True)
    if coarse:
        probabilities = np.round(probabilities * 10) + 1e-3
        probabilities /= probabilities.sum(axis=1, keepdims=True)
    return probabilities.astype(np.float32), truth


def several(items: int, *, labels: int = 4, seed: int = 0) -> Pair:
    """Sigmoid probabilities (N, L) and 0 and 1 (N, L)."""
    random = np.random.default_rng(seed)
    truth = (random.random((items, labels)) < 0.3).astype(np.uint8)
    logits = random.normal(size=(items, labels)) + 2 * truth - 1
    return (1 / (1 + np.exp(-logits))).astype(np.float32), truth


@st.composite
def pairs(draw: st.DrawFn) -> Pair:
    """Few items, often with equal probabilities, missing classes, or one class only."""
    seed, items = draw(st.integers(0, 10_000)), draw(st.integers(1, 30))
    if draw(st.booleans()):
        return several(items, labels=draw(st.integers(1, 4)), seed=seed)
    coarse, signal = draw(st.booleans()), draw(st.sampled_from([0.0, 1.5, 6.0]))
    return single(items, classes=draw(st.integers(2, 5)), signal=signal, seed=seed, coarse=coarse)
