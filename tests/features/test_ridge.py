"""Ridge regression against scikit-learn, and what is left out against fitting it again."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler

from headstart.features import design as design_module
from headstart.features.design import build_design
from headstart.features.ridge import solve, sums
from headstart.features.table import ArrayFeatures
from headstart.features.targets import Truth
from tests.features.samples import classes, label_sets


def reference(x: np.ndarray, wanted: np.ndarray, strength: float, weights: np.ndarray | None = None) -> Ridge:
    return Ridge(alpha=strength, solver="cholesky").fit(x, wanted, sample_weight=weights)


@pytest.mark.parametrize("streamed", [False, True], ids=["in memory", "streamed"])
@pytest.mark.parametrize("strength", [0.01, 1.0, 300.0])
@pytest.mark.parametrize("width", [6, 80])
def test_the_solution(monkeypatch: pytest.MonkeyPatch, streamed: bool, strength: float, width: int) -> None:
    if streamed:
        monkeypatch.setattr(design_module, "MOST_IN_MEMORY", 0)
        monkeypatch.setattr(design_module, "CHUNK_BYTES", 0)
    x, y = classes(70, width=width)
    design, truth = build_design(ArrayFeatures(x), np.arange(70)), Truth.of(y, 3, "none")
    linear = design.raw(solve(sums(design, truth), strength=strength))
    scaler = StandardScaler().fit(x.astype(np.float64))
    standard = scaler.transform(x.astype(np.float64))
    theirs = reference(standard, truth.wanted(), strength)
    ours = x.astype(np.float64) @ linear.weight.T + linear.bias
    np.testing.assert_allclose(ours, theirs.predict(standard), atol=1e-8)
    np.testing.assert_allclose(linear.weight * scaler.scale_, theirs.coef_, atol=1e-8)


@pytest.mark.parametrize("targets", ["classes", "label sets", "balanced classes"])
def test_leaving_out_one_row_is_the_same_as_fitting_without_it(targets: str) -> None:
    x, y = label_sets(25) if targets == "label sets" else classes(25)
    design = build_design(ArrayFeatures(x), np.arange(25))
    truth = Truth.of(y, 3, "balanced" if targets == "balanced classes" else "none")
    total = sums(design, truth)
    rows = np.concatenate(list(design.each(lambda _, part: part, exact=True)))
    weights = truth.weights(slice(None), truth.wanted())[:, 0]
    for one in range(25):
        part = np.array([one])
        linear = solve(total - sums(design.take(part), truth.take(part)), strength=2.0)
        others = np.arange(25) != one
        theirs = reference(rows[others], truth.wanted()[others], 2.0, weights[others])
        np.testing.assert_allclose(rows[one] @ linear.weight.T + linear.bias, theirs.predict(rows[part])[0], atol=1e-8)


def test_sums_add_up() -> None:
    x, y = classes(30)
    design, truth = build_design(ArrayFeatures(x), np.arange(30)), Truth.of(y, 3, "none")
    halves = [sums(design.take(part), truth.take(part)) for part in np.array_split(np.arange(30), 2)]
    np.testing.assert_allclose((halves[0] + halves[1]).gram, sums(design, truth).gram, atol=1e-9)
    np.testing.assert_allclose((halves[0] + halves[1]).cross, sums(design, truth).cross, atol=1e-9)
