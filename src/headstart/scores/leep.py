"""LEEP: the likelihood of the labels under the source model's classes."""

from __future__ import annotations

import numpy as np

from headstart.scores.prepared import Prepared
from headstart.scores.score import Score, no_source_head, several_labels
from headstart.scores.spectrum import Doubles


class Leep(Score):
    """The mean log probability of the labels, where each source class hands on the labels that it was seen with.

    Nguyen et al., LEEP: a new measure to evaluate transferability of learned representations, 2020:
    (1/N) sum over i of log sum over z of P(y_i | z) theta_z(x_i), with P(y, z) = (1/N) sum of theta_z(x_i) over the
    rows of y. With the logarithm: some code leaves it out.

    Range: at most 0; about -log C where the source model tells nothing. Source classes without any mass are left out.
    Says nothing of the features below the source head, so it disadvantages models whose source labels are coarse.
    """

    name = "leep"

    def lacking(self, rows: Prepared) -> str | None:
        """One label an item, and source probabilities."""
        return several_labels(rows) or no_source_head(rows)

    def compute(self, rows: Prepared, *, seed: int) -> float:
        """From the source model's probabilities."""
        assert rows.source_probabilities is not None
        return expected_log_likelihood(np.asarray(rows.source_probabilities, np.float64), rows.indicators)


LEEP = Leep()


def expected_log_likelihood(given: Doubles, indicators: Doubles) -> float:
    """LEEP of probabilities (N, Z) and labels as 0/1 (N, C)."""
    joint = given.T @ indicators / len(given)
    mass = joint.sum(axis=1, keepdims=True)
    conditional = joint / np.where(mass > 0, mass, 1)
    likelihood = ((given @ conditional) * indicators).sum(axis=1)
    return float(np.log(likelihood).mean())
