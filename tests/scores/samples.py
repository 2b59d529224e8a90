"""Rows that tests of scores work on."""

from __future__ import annotations

import numpy as np

from headstart.core.rows import Rows


def iris() -> Rows:
    """Fisher's irises, as in scikit-learn."""
    from sklearn.datasets import load_iris

    x, y = load_iris(return_X_y=True)
    return Rows(x, y)


def gaussian(
    rows: int, width: int, *, classes: int = 3, signal: float = 0.8, seed: int = 0, offset: float = 0.5
) -> Rows:
    """Gaussian classes in features of falling variance, with source probabilities that know a little of them.

    The classes are of unequal size where `rows` does not divide by them; `signal` 0 is noise.
    """
    random = np.random.default_rng(seed)
    y = np.arange(rows) % classes
    means = signal * random.normal(size=(classes, width))
    x = (means[y] + random.normal(size=(rows, width)) + offset) / np.sqrt(1 + np.arange(width))
    logits = random.normal(size=(rows, classes + 2))
    logits[np.arange(rows), y] += 2 * signal
    source = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return Rows(x, y, source)


def several_labels(rows: int = 80, width: int = 12, *, seed: int = 0) -> Rows:
    """Rows of three labels, each of which follows from the features with some noise."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(rows, width))
    y = (x[:, :3] + 0.7 * random.normal(size=(rows, 3)) > np.array([0.0, 0.4, 0.8])).astype(int)
    return Rows(x, y)


def unequal(seed: int = 0, *, width: int = 8) -> Rows:
    """Classes of 20, 9 and 4 rows."""
    random = np.random.default_rng(seed)
    y = np.repeat([0, 1, 2], [20, 9, 4])
    return Rows(random.normal(size=(33, width)) + 0.8 * random.normal(size=(3, width))[y], y)
