"""PARC: do rows with alike features have alike labels?"""

from __future__ import annotations

import numpy as np

from headstart.scores.prepared import Prepared
from headstart.scores.score import Score, several_labels
from headstart.scores.spectrum import Doubles

COMPONENTS = 32


class Parc(Score):
    """100 times the rank correlation of two lists of distances over all pairs of rows: of features and of labels.

    Bolya et al., Scalable diverse model selection for accessible transfer learning, 2021: Spearman's coefficient of the
    upper triangles of 1 - corr(rows of features) and 1 - corr(rows of one-hot labels), on the first 32 principal
    components, each divided by its deviation.

    Range: -100 to 100, near 0 on noise. The labels' distances have two values only, so most of the ranks are ties and
    its maximum is below 100. Every pair of rows counts, so at most 500 rows are taken.
    """

    name = "parc"
    most_rows = 500

    def lacking(self, rows: Prepared) -> str | None:
        """One label an item, and a correlation between components."""
        few = "rows of fewer than two principal components have no correlation"
        return several_labels(rows) or (few if min(len(rows) - 1, len(rows.spectrum.squares)) < 2 else None)

    def compute(self, rows: Prepared, *, seed: int) -> float:
        """Over all pairs."""
        from scipy.stats import rankdata

        place, variances = rows.spectrum.principal(COMPONENTS)
        pairs = np.triu_indices(len(rows), 1)
        features = 1 - _correlations(place / np.sqrt(variances))[pairs]
        labels = (rows.y[:, None] != rows.y)[pairs]
        return 100 * float(np.corrcoef(rankdata(features), rankdata(labels))[0, 1])


PARC = Parc()


def _correlations(place: Doubles) -> Doubles:
    centred = place - place.mean(axis=1, keepdims=True)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    centred /= np.where(length > 0, length, 1)
    return np.asarray(centred @ centred.T)
