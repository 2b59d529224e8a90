"""The amount of shrinkage against scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.covariance import LedoitWolf

from headstart.scores.shrinkage import ledoit_wolf
from headstart.scores.spectrum import Spectrum, class_basis, constant


@pytest.mark.parametrize(("count", "width"), [(60, 7), (25, 80)])
@pytest.mark.parametrize("by_class", [False, True])
def test_it_is_that_of_scikit_learn(count: int, width: int, by_class: bool) -> None:
    x = np.random.default_rng(count).normal(size=(count, width)) / np.sqrt(1 + np.arange(width)) + 2
    basis = class_basis(np.eye(3)[np.arange(count) % 3]) if by_class else constant(count)
    residual = x - basis @ (basis.T @ x)
    expected = LedoitWolf(assume_centered=True).fit(residual)
    found = ledoit_wolf(Spectrum.of_rows(x), basis, width=width)
    assert found.amount == pytest.approx(expected.shrinkage_, rel=1e-9)
    rebuilt = (1 - found.amount) / count * (residual.T @ residual + found.shift * np.eye(width))
    assert rebuilt == pytest.approx(expected.covariance_, abs=1e-9)


def test_where_everything_is_shrunken_away_there_is_still_a_scale() -> None:
    one = ledoit_wolf(Spectrum.of_rows(np.array([[1.0, 0], [-1, 0.0]])), constant(2), width=2)
    assert 0 < one.shift < np.inf
