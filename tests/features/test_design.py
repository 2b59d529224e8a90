"""Designs: standardised rows, in memory or streamed, that lead back to raw features."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

from headstart.features import design as design_module
from headstart.features.design import Design, MemoryDesign, StreamDesign, build_design
from headstart.features.linear import Linear
from headstart.features.table import ArrayFeatures
from tests.features.samples import classes, rows_of


def stream(x: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> Design:
    """A design that has to read its rows in many parts."""
    monkeypatch.setattr(design_module, "MOST_IN_MEMORY", 0)
    monkeypatch.setattr(design_module, "CHUNK_BYTES", 0)
    built = build_design(ArrayFeatures(x), np.arange(len(x)))
    assert isinstance(built, StreamDesign)
    return built


def rows(design: Design, *, exact: bool = False) -> np.ndarray:
    return np.concatenate(list(design.each(lambda _, part: part, exact=exact)))


@pytest.mark.parametrize("count", [40, 5])
def test_rows_in_memory_are_uncorrelated_and_keep_all_products(count: int) -> None:
    x, _ = classes(count, width=8)
    design = build_design(ArrayFeatures(x), np.arange(count))
    assert isinstance(design, MemoryDesign)
    assert design.shape.width == min(8, count - 1)
    standard = StandardScaler().fit_transform(x.astype(np.float64))
    ours = rows(design)
    np.testing.assert_allclose(ours @ ours.T, standard @ standard.T, atol=1e-9)
    np.testing.assert_allclose(ours.T @ ours / count, np.diag(design.shape.spectrum), atol=1e-9)


def test_streamed_rows_are_standardised(monkeypatch: pytest.MonkeyPatch) -> None:
    x, _ = classes(300)
    design = stream(x, monkeypatch)
    standard = StandardScaler().fit_transform(x.astype(np.float64))
    assert rows(design).dtype == np.float32
    np.testing.assert_allclose(rows(design), standard, atol=1e-5)
    np.testing.assert_allclose(rows(design, exact=True), standard, atol=1e-9)
    part = design.take(np.array([250, 3]))
    np.testing.assert_allclose(rows(part, exact=True), standard[[250, 3]], atol=1e-9)


def test_the_rotation_of_a_stream_leads_to_uncorrelated_coordinates(monkeypatch: pytest.MonkeyPatch) -> None:
    x = rows_of(500, width=6) @ rows_of(6, width=6)
    design = stream(x, monkeypatch)
    assert design.shape.rotation is not None
    turned = rows(design, exact=True) @ design.shape.rotation
    np.testing.assert_allclose(turned.T @ turned / 500, np.diag(design.shape.spectrum), atol=1e-4)


def test_very_wide_streams_are_not_rotated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(design_module, "MOST_ROTATED", 5)
    design = stream(rows_of(70, width=6), monkeypatch)
    assert design.shape.rotation is None
    assert design.shape.spectrum.tolist() == [1] * 6


@pytest.mark.parametrize("streamed", [True, False])
def test_raw_classifiers_give_the_same_scores(monkeypatch: pytest.MonkeyPatch, streamed: bool) -> None:
    x, _ = classes(200)
    table = ArrayFeatures(np.concatenate([x, np.full((200, 1), 7, np.float32)], axis=1))
    design = stream(table.rows(np.arange(200)), monkeypatch) if streamed else build_design(table, np.arange(200))
    linear = Linear(rows_of(3, width=design.shape.width).astype(np.float64), np.array([1.0, 2.0, 3.0]))
    raw = design.raw(linear)
    expected = table.rows(np.arange(200)) @ raw.weight.T + raw.bias
    np.testing.assert_allclose(design.scores(linear), expected, atol=1e-4)
    assert np.abs(raw.weight[:, -1]).max() < 1e-6 or streamed


def test_features_far_from_zero_lose_nothing() -> None:
    x, _ = classes(100)
    moved = x.astype(np.float64) + 1e4
    design = build_design(ArrayFeatures(moved), np.arange(100))
    standard = StandardScaler().fit_transform(moved.astype(np.float32).astype(np.float64))
    np.testing.assert_allclose(np.square(rows(design)).sum(1), np.square(standard).sum(1), rtol=1e-6)


def test_an_error_in_a_part_comes_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(where: slice, part: np.ndarray) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(stream(rows_of(300), monkeypatch).each(fail))


@pytest.mark.parametrize("scale", [1e-30, 1e-8])
def test_a_feature_that_its_network_has_switched_off_is_not_blown_up(scale: float) -> None:
    rows = np.random.default_rng(0).normal(size=(50, 4)).astype(np.float32)
    rows[:, 2] *= np.float32(scale)
    design = build_design(ArrayFeatures(rows), np.arange(50))
    raw = design.raw(Linear(np.ones((1, design.shape.width)), np.zeros(1)))
    assert np.abs(raw.weight).max() < 100
