"""TransRate: how many more bits the features take as a whole than class by class."""

from __future__ import annotations

import numpy as np

from headstart.scores.prepared import Prepared
from headstart.scores.score import Score, several_labels
from headstart.scores.spectrum import Resolvent, constant

DISTORTION = 1e-4


class TransRate(Score):
    """The coding rate of the features minus that of the features given the class.

    Huang et al., Frustratingly easy transferability estimation, 2022: R(F) - sum over c of n_c / N R(F_c), with
    R(F) = 1/2 logdet(I + F'F / (N e)), e = 1e-4. The formula's class weights are n_c / N; some code takes 1 / C. It
    depends on the features' scale, so they are centred and divided by the root of their mean squared length first.
    The determinant of the smaller of F'F and FF' is taken.

    Range: 0 and above. Not near 0 on noise where D is close to N or above it: it grows with the number of directions
    that features fill, so it favours wide networks on few rows. Needs many more rows than features to mean something.
    """

    name = "transrate"

    def lacking(self, rows: Prepared) -> str | None:
        """One label an item."""
        return several_labels(rows)

    def compute(self, rows: Prepared, *, seed: int) -> float:
        """From the decomposition of all rows, and one small determinant a class."""
        spectrum, count = rows.spectrum, len(rows)
        centred = spectrum.coordinates()
        centred -= centred.mean(axis=0)
        total = float(np.square(centred).sum())
        shift = total * DISTORTION  # N e on features whose mean squared length is not yet 1
        # det(centred Gram + shift) = shift det(K + shift) 1' inv(K + shift) 1 / N
        inner = float(Resolvent(spectrum, constant(count), shift).inner[0, 0, 0])
        whole = spectrum.log_determinant(shift) + np.log(shift) - np.log(inner) - count * np.log(shift)
        parts = 0.0
        for label, size in enumerate(rows.class_sizes):
            members = centred[rows.y == label]
            small = members @ members.T if len(members) < members.shape[1] else members.T @ members
            small /= shift * size / count
            parts += size / count * np.linalg.slogdet(np.eye(len(small)) + small)[1]
        return float(whole - parts) / 2


TRANSRATE = TransRate()
