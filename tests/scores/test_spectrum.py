"""Decompositions and shifted inverses against plain linear algebra."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.decomposition import PCA

from headstart.scores import spectrum as module
from headstart.scores.spectrum import Resolvent, Spectrum, class_basis, constant, is_small

SHIFTS = np.array([0.01, 3.0])


def rows(count: int, width: int) -> np.ndarray:
    x = np.random.default_rng(count).normal(size=(count, width)) / np.sqrt(1 + np.arange(width)) + 0.3
    x[:, -1] = x[:, 0]  # a direction that is there twice
    return x


@pytest.mark.parametrize(("count", "width"), [(30, 8), (20, 50)])
@pytest.mark.parametrize("exactly", [True, False])
def test_the_decomposition_gives_the_rows_back(
    count: int, width: int, exactly: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FEW", 1e9 if exactly else 0)
    x = rows(count, width)
    found = Spectrum.of_rows(x)
    assert len(found.squares) == np.linalg.matrix_rank(x)
    assert found.left.T @ found.left == pytest.approx(np.eye(len(found.squares)), abs=1e-9)
    place = found.coordinates()
    assert place @ place.T == pytest.approx(x @ x.T, abs=1e-9)


@pytest.mark.parametrize(("count", "width"), [(30, 8), (20, 50)])
def test_shifted_inverses(count: int, width: int) -> None:
    x, random = rows(count, width), np.random.default_rng(0)
    found, columns = Spectrum.of_rows(x), random.normal(size=(count, 3))
    for which, shift in enumerate(SHIFTS):
        whole = x @ x.T + shift * np.eye(count)
        inverse = np.linalg.inv(whole)
        assert found.solve(columns, SHIFTS)[which] == pytest.approx(inverse @ columns, abs=1e-7)
        assert found.diagonal(SHIFTS)[which] == pytest.approx(np.diag(inverse), abs=1e-7)
        assert found.log_determinant(shift) == pytest.approx(np.linalg.slogdet(whole)[1])
        members = np.array([1, 4, 7])
        assert found.block(members, shift) == pytest.approx(inverse[np.ix_(members, members)], abs=1e-7)


@pytest.mark.parametrize(("count", "width"), [(30, 8), (20, 50)])
@pytest.mark.parametrize("by_class", [False, True])
def test_the_resolvent_is_the_inverse_on_what_centring_leaves(count: int, width: int, by_class: bool) -> None:
    x = rows(count, width)
    basis = class_basis(np.eye(3)[np.arange(count) % 3]) if by_class else constant(count)
    assert basis.T @ basis == pytest.approx(np.eye(basis.shape[1]), abs=1e-12)
    found = Resolvent(Spectrum.of_rows(x), basis, SHIFTS)
    projection = np.eye(count) - basis @ basis.T
    for which, shift in enumerate(SHIFTS):
        inverse = np.linalg.inv(projection @ x @ x.T @ projection + shift * np.eye(count))
        expected = projection @ inverse @ projection
        columns = np.random.default_rng(1).normal(size=(count, 2))
        assert found.apply(columns)[which] == pytest.approx(expected @ columns, abs=1e-6)
        assert found.diagonal()[which] == pytest.approx(np.diag(expected), abs=1e-6)
        members = np.array([0, 5])
        assert found.block(members, which) == pytest.approx(expected[np.ix_(members, members)], abs=1e-6)


@pytest.mark.parametrize("dense", [True, False])
@pytest.mark.parametrize(("count", "width"), [(60, 20), (40, 90)])
def test_principal_components(count: int, width: int, dense: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "DENSE", 300 if dense else 0)
    x = rows(count, width)
    place, variances = Spectrum.of_rows(x).principal(5)
    expected = PCA(5, svd_solver="full").fit(x)
    assert variances == pytest.approx(expected.explained_variance_, rel=1e-8)
    assert np.abs(place) == pytest.approx(np.abs(expected.transform(x)), abs=1e-6)


def test_no_more_components_than_centred_rows_have() -> None:
    x = rows(10, 40)
    place, variances = Spectrum.of_rows(x).principal(64)
    assert place.shape == (10, 9)
    assert len(variances) == 9
    line = np.outer(np.arange(6.0), np.ones(3))
    assert Spectrum.of_rows(line).principal(64)[0].shape == (6, 1)


def test_large_rows_are_not_decomposed_themselves() -> None:
    assert is_small((300, 300))
    assert not is_small((2000, 512))
