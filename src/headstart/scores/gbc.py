"""GBC: how little Gaussian classes overlap."""

from __future__ import annotations

import numpy as np

from headstart.scores.prepared import Prepared
from headstart.scores.score import Score, several_labels, small_class

COMPONENTS = 64
FLOOR = 1e-4


class Gbc(Score):
    """Minus the sum, over ordered pairs of classes, of the Bhattacharyya coefficient of their Gaussians.

    Pandy et al., Transferability estimation using Bhattacharyya class separability, 2022:
    - sum over c != c' of exp(-BD(c, c')), with BD = 1/8 d'inv(S)d + 1/2 log(det S / sqrt(det S_c det S_c')),
    S = (S_c + S_c') / 2, diagonal, in the first 64 principal components. A variance is at least 1e-4 of the mean one.

    Range: -C (C - 1) to 0. Beyond a few hundred dimensions every pair has 0 (the exponential underflows) and all models
    tie, hence the components. Variances of few rows a class are too small: then it is too near 0 for any features.
    """

    name = "gbc"

    def lacking(self, rows: Prepared) -> str | None:
        """One label an item, two rows a class."""
        return several_labels(rows) or small_class(rows, least=2)

    def compute(self, rows: Prepared, *, seed: int) -> float:
        """Every pair at once."""
        place, variances = rows.spectrum.principal(COMPONENTS)
        sizes = rows.class_sizes[:, None]
        means = rows.indicators.T @ place / sizes
        spread = (rows.indicators.T @ np.square(place - means[rows.y]) / sizes).clip(min=FLOOR * variances.mean())
        distances = np.empty((len(means), len(means)))
        for label, (mean, own) in enumerate(zip(means, spread, strict=True)):
            both = (own + spread) / 2
            shape = np.log(both).sum(axis=1) - (np.log(own).sum() + np.log(spread).sum(axis=1)) / 2
            distances[label] = (np.square(mean - means) / both).sum(axis=1) / 8 + shape / 2
        overlap = np.exp(-distances)
        return float(np.trace(overlap) - overlap.sum())


GBC = Gbc()
