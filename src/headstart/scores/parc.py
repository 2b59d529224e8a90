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
    components, each divided by its deviation. A row's mean over its components is not subtracted: it depends on their
    signs, which are arbitrary, and the score would move by several points with them.

    Range: -100 to 100, near 0 on noise. The labels' distances have two values only, so most of the ranks are ties and
    its maximum is below 100. Every pair of rows counts, so at most 500 rows are taken.
    """

    name = "parc"
    most_rows = 500

    def lacking(self, rows: Prepared) -> str | None:
        """One label an item, two components, and rows enough for them: of N - 1 even ones all pairs are equally far."""
        components = min(COMPONENTS, len(rows.spectrum.squares), len(rows) - 1)
        if components < 2:
            return several_labels(rows) or "rows of fewer than two principal components have no correlations"
        few = f"its {components} principal components need {2 * components} rows, and there are {len(rows)}"
        return several_labels(rows) or (few if len(rows) < 2 * components else None)

    def compute(self, rows: Prepared, *, seed: int) -> float:
        """Over all pairs."""
        from scipy.stats import rankdata

        place, variances = rows.spectrum.principal(COMPONENTS)
        pairs = np.triu_indices(len(rows), 1)
        features = 1 - _cosines(place / np.sqrt(variances))[pairs]
        labels = (rows.y[:, None] != rows.y)[pairs]
        return 100 * float(np.corrcoef(rankdata(features), rankdata(labels))[0, 1])


PARC = Parc()


def _cosines(place: Doubles) -> Doubles:
    length = np.linalg.norm(place, axis=1, keepdims=True)
    unit = place / np.where(length > 0, length, 1)
    return np.asarray(unit @ unit.T)
