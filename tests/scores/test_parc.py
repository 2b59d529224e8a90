"""PARC against numpy's correlations and scipy's Spearman."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from scipy.stats import spearmanr
from sklearn.decomposition import PCA

from headstart.core.rows import Rows
from headstart.scores.parc import PARC
from tests.scores.samples import gaussian, unequal


def slowly(rows: Rows) -> float:
    place = PCA(min(32, rows.x.shape[1], len(rows.x) - 1), svd_solver="full").fit_transform(rows.x)
    place = place / place.std(axis=0)
    pairs = np.triu_indices(len(place), 1)
    one_hot = np.eye(rows.y.max() + 1)[rows.y]
    features, labels = cdist(place, place, "cosine"), 1 - np.corrcoef(one_hot)
    return 100 * float(spearmanr(features[pairs], np.round(labels[pairs], 9)).statistic)


@pytest.mark.parametrize("rows", [gaussian(60, 6), gaussian(70, 90, signal=0.3), unequal()])
def test_it_is_the_formula(rows: Rows) -> None:
    assert PARC(rows, seed=0) == pytest.approx(slowly(rows), rel=1e-6)


def test_noise_is_near_zero_whatever_the_width() -> None:
    assert abs(PARC(gaussian(150, 600, signal=0), seed=0)) < 3
    assert PARC(gaussian(150, 600, signal=2), seed=0) > 20


def test_one_component_has_no_correlations() -> None:
    rows = gaussian(20, 1, offset=0)
    assert PARC.applies(rows) == "rows of fewer than two principal components have no correlations"


def test_rows_that_are_all_equally_far_are_refused() -> None:
    assert PARC.applies(gaussian(63, 90)) == "its 32 principal components need 64 rows, and there are 63"
    assert PARC.applies(gaussian(64, 90)) is None
