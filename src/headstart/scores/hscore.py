"""The H-score with a shrunken covariance."""

from __future__ import annotations

from headstart.scores.prepared import Prepared
from headstart.scores.score import Score, several_labels
from headstart.scores.shrinkage import ledoit_wolf
from headstart.scores.spectrum import Resolvent, class_basis, constant


class HScore(Score):
    """How much of the features' variance lies between the classes, on the features' own scale.

    Bao et al., An information-theoretic approach to transferability in task transfer learning, 2019, as regularised by
    Ibrahim et al., Newer is not always better, 2022: tr(inv(S) (1 - a) B), with S the Ledoit-Wolf covariance of the
    centred features, a its shrinkage, and B the covariance (divided by N - 1) of each row's class mean. The score
    without shrinkage is not offered: it is C - 1, its maximum, for any features with D >= N, pure noise included.

    Range: 0 to (C - 1) N / (N - 1). Does not change with rotation or scale. Frequent classes count more. Its size
    depends on C, so it compares models on one task, never tasks. On noise it is near 0 with many rows, or where all
    directions have alike variance; features in which some directions vary much more than others come close to the
    maximum with as many features as rows, so that models are ranked by width: `adjusted-hscore` takes this off.
    """

    name = "hscore"

    def lacking(self, rows: Prepared) -> str | None:
        """One label an item."""
        return several_labels(rows)

    def compute(self, rows: Prepared, *, seed: int) -> float:
        """From one decomposition: tr(inv(S)(1 - a)B) = N / (N - 1) (C - 1 - shift tr(Q'RQ)), Q the classes' basis."""
        count, classes = len(rows), rows.indicators.shape[1]
        centring, by_class = constant(count), class_basis(rows.indicators)
        shrinkage = ledoit_wolf(rows.spectrum, centring, width=rows.x.shape[1])
        within = (by_class * Resolvent(rows.spectrum, centring, shrinkage.shift).apply(by_class)[0]).sum()
        return float(count / (count - 1) * (classes - 1 - shrinkage.shift * within))


HSCORE = HScore()


def expected_on_noise(rows: Prepared) -> float:
    """The mean of the score over all ways to shuffle the labels, exactly."""
    count, classes = len(rows), rows.indicators.shape[1]
    centring = constant(count)
    shift = ledoit_wolf(rows.spectrum, centring, width=rows.x.shape[1]).shift
    directions = count - 1 - shift * float(Resolvent(rows.spectrum, centring, shift).diagonal().sum())
    return float(count * (classes - 1) * directions / (count - 1) ** 2)
