"""NCE: how much the source model's predicted class says of the target's."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from headstart.scores.prepared import Prepared
from headstart.scores.score import Score, no_source_head, several_labels


class Nce(Score):
    """The negative conditional entropy of the labels, given the most probable source class.

    Tran et al., Transferability and hardness of supervised classification tasks, 2019:
    sum over y, z of P(y, z) log(P(y, z) / P(z)), in nats.

    Range: -log C to 0. Frequent classes count more. With many source classes and few rows each source class holds a row
    or two, whose label it then seems to know: near 0 for any model.
    """

    name = "nce"

    def lacking(self, rows: Prepared) -> str | None:
        """One label an item, and source probabilities."""
        return several_labels(rows) or no_source_head(rows)

    def compute(self, rows: Prepared, *, seed: int) -> float:
        """From the table of both classes."""
        assert rows.source_probabilities is not None
        _, source = np.unique(rows.source_probabilities.argmax(axis=1), return_inverse=True)
        joint = np.zeros((source.max() + 1, rows.indicators.shape[1]))
        np.add.at(joint, source, rows.indicators)
        return -conditional_entropy(joint / len(rows))


NCE = Nce()


def conditional_entropy(joint: npt.NDArray[np.float64]) -> float:
    """H(Y | Z) in nats of P(z, y), given as (Z, C)."""
    given = joint.sum(axis=1, keepdims=True)
    there = joint > 0
    return float(-(joint[there] * np.log((joint / np.where(given > 0, given, 1))[there])).sum())
