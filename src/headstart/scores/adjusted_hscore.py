"""The H-score beyond what the same features would get with shuffled labels."""

from __future__ import annotations

from headstart.scores.hscore import HSCORE, expected_on_noise
from headstart.scores.prepared import Prepared
from headstart.scores.score import Score, several_labels


class AdjustedHScore(Score):
    """The regularised H-score, less its mean over all ways to shuffle the labels, over what is left to the maximum.

    (H - E) / (M - E), with H of Ibrahim et al., Newer is not always better, 2022, M = (C - 1) N / (N - 1) its maximum,
    and E = M / (N - 1) times the sum of s / (s + shift) over the squared singular values s of the centred features.
    The adjustment is that of Hubert and Arabie, Comparing partitions, 1985, and is exact.

    Range: at most 1, and 0 on average on noise, whatever N, D and the variances of the features, where H itself comes
    close to its maximum for features of uneven variance. With N far above D the order of models is that of H. Where the
    features of noise nearly reach the maximum, a small difference is divided by a small one: look at the interval.
    """

    name = "adjusted-hscore"

    def lacking(self, rows: Prepared) -> str | None:
        """One label an item."""
        return several_labels(rows)

    def compute(self, rows: Prepared, *, seed: int) -> float:
        """From the same decomposition."""
        count, classes = len(rows), rows.indicators.shape[1]
        chance, most = expected_on_noise(rows), (classes - 1) * count / (count - 1)
        return float((HSCORE.compute(rows, seed=seed) - chance) / (most - chance))


ADJUSTED_HSCORE = AdjustedHScore()
