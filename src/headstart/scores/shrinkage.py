"""Ledoit and Wolf's shrunken covariance, from the spectrum of the rows alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from headstart.scores.spectrum import Doubles, Spectrum

# Where all is shrunken away there would be no scale left, and where nothing is, nothing that can be inverted.
MOST = 1 - 1e-7
LEAST = 1e-12


@dataclass(frozen=True)
class Shrinkage:
    """Of a covariance S = E'E / N: (1 - amount) S + amount * mean * I.

    `shift` makes it (1 - amount) / N * (E'E + shift * I).
    """

    amount: float
    shift: float


def ledoit_wolf(spectrum: Spectrum, basis: Doubles, *, width: int) -> Shrinkage:
    """The amount of shrinkage for rows of `width` features with `basis` (N, q), orthonormal, projected out.

    Ledoit and Wolf, A well-conditioned estimator for large-dimensional covariance matrices, 2004. The same numbers as
    scikit-learn's `LedoitWolf`: all that it needs of the rows are traces of their Gram matrix and its square.
    """
    count = len(spectrum)
    norms, square = _residual_traces(spectrum, basis)
    trace = norms.sum() / count
    total = square / count**2  # the sum of the squared entries of S
    mean = trace / width
    delta = (total - trace * mean) / width
    beta = (np.square(norms).sum() / count - total) / (width * count)
    amount = float(np.clip(beta / delta, 0, 1)) if delta > 0 else 1.0
    amount = min(amount, MOST)
    shift = count * amount * mean / (1 - amount)
    return Shrinkage(amount, max(float(shift), float(spectrum.squares.max(initial=0.0)) * LEAST))


def _residual_traces(spectrum: Spectrum, basis: Doubles) -> tuple[Doubles, float]:
    """The squared norms (N,) of the rows after projection, and the trace of their squared Gram matrix."""
    inner = spectrum.left.T @ basis
    images = spectrum.left @ (spectrum.squares[:, None] * inner)  # K times the basis
    within = basis.T @ images
    norms = (spectrum.left**2) @ spectrum.squares - 2 * (images * basis).sum(axis=1)
    norms += ((basis @ within) * basis).sum(axis=1)
    square = np.square(spectrum.squares).sum() - 2 * np.square(images).sum() + np.square(within).sum()
    return norms.clip(min=0), float(square)
