"""NLEEP: LEEP on clusters of the features instead of source classes."""

from __future__ import annotations

import warnings

import numpy as np

from headstart.scores.leep import expected_log_likelihood
from headstart.scores.prepared import Prepared
from headstart.scores.score import Score, several_labels

ENERGY = 0.8
A_CLASS = 5


class NLeep(Score):
    """LEEP, with the posteriors of a Gaussian mixture as the source probabilities.

    Li et al., Ranking neural checkpoints, 2021: principal components up to 80 % of the variance, a mixture of 5 C
    components, LEEP on its posteriors. Covariances are diagonal here: full ones are singular with few rows.

    Range: at most 0. By far the slowest, and its mixture depends on a random start. With few rows a component holds a
    row or two, and the score is near 0 for any features, noise included.
    """

    name = "nleep"
    most_rows = 5000
    most_repeats = 5

    def lacking(self, rows: Prepared) -> str | None:
        """One label an item, and twice as many rows as components."""
        components = A_CLASS * rows.indicators.shape[1]
        few = f"its mixture of {components} components needs {2 * components} rows, and there are {len(rows)}"
        return several_labels(rows) or (few if len(rows) < 2 * components else None)

    def compute(self, rows: Prepared, *, seed: int) -> float:
        """Of one mixture, started by the seed."""
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.mixture import GaussianMixture

        components, variances = rows.spectrum.principal(len(rows))
        kept = int(np.searchsorted(np.cumsum(variances) / variances.sum(), ENERGY)) + 1
        place = components[:, :kept] / np.sqrt(variances[0])
        mixture = GaussianMixture(
            A_CLASS * rows.indicators.shape[1], covariance_type="diag", reg_covar=1e-4, random_state=seed
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # the score does not ask for the last digit
            mixture.fit(place)
        return expected_log_likelihood(mixture.predict_proba(place), rows.indicators)


NLEEP = NLeep()
