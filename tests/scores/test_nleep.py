"""NLEEP against its parts from scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.mixture import GaussianMixture

from headstart.core.rows import Rows
from headstart.scores.leep import LEEP
from headstart.scores.nleep import NLEEP
from tests.scores.samples import gaussian


def test_it_is_leep_on_the_mixture_of_the_principal_components() -> None:
    rows = gaussian(200, 6, signal=2.5)
    place = PCA(n_components=0.8, svd_solver="full").fit(rows.x)
    scaled = place.transform(rows.x) / np.sqrt(place.explained_variance_[0])
    mixture = GaussianMixture(15, covariance_type="diag", reg_covar=1e-4, random_state=3).fit(scaled)
    expected = LEEP(Rows(rows.x, rows.y, mixture.predict_proba(scaled)), seed=0)
    # the sign of a component is free, and the start of the mixture does not depend on it
    assert NLEEP(rows, seed=3) == pytest.approx(expected, abs=1e-6)


def test_the_seed_decides() -> None:
    rows = gaussian(100, 5)
    assert NLEEP(rows, seed=1) == NLEEP(rows, seed=1)
    assert NLEEP(rows, seed=1) != NLEEP(rows, seed=2)


def test_few_rows_are_refused_with_the_number_that_is_needed() -> None:
    assert NLEEP.applies(gaussian(29, 5)) == "its mixture of 15 components needs 30 rows, and there are 29"
    assert NLEEP.applies(gaussian(30, 5)) is None
