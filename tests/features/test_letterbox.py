"""Whole pictures as inputs: scaled without distortion, padded, and brought together by size."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.core.card import InputFacts
from headstart.features.letterbox import LetterboxPreparation, fit_picture, fitted_size, padded_size

FACTS = InputFacts(size=(64, 64))


@given(st.integers(1, 3000), st.integers(1, 3000))
def test_a_picture_keeps_its_shape_and_fits(height: int, width: int) -> None:
    high, wide = fitted_size((height, width), FACTS)
    assert max(high, wide) == 64
    assert high / wide == pytest.approx(height / width, rel=0.51 / min(high, wide) + 0.01) or min(high, wide) == 1


def test_a_picture_knows_the_size_that_it_had() -> None:
    found = fit_picture(np.zeros((30, 120, 3), np.uint8), FACTS)
    assert found.size == (30, 120)
    assert found.pixels.shape == (16, 64, 3)
    assert found.factors == (64 / 120, 16 / 30)


def test_inputs_have_sides_that_all_strides_divide() -> None:
    assert padded_size([(16, 64), (33, 20)]) == (64, 64)
    preparation = LetterboxPreparation(FACTS)
    items = preparation.prepare([np.zeros((30, 120, 3), np.uint8), np.zeros((120, 30, 3), np.uint8)])
    assert preparation.collate(items, device="cpu").shape == (2, 3, 64, 64)


def test_what_is_padded_is_the_models_grey() -> None:
    preparation = LetterboxPreparation(FACTS)
    inputs = preparation.collate(preparation.prepare([np.full((20, 64, 3), 255, np.uint8)]), device="cpu")
    assert inputs.shape == (1, 3, 32, 64)
    assert inputs[:, :, 20:].abs().max() < 0.01
    assert inputs[:, :, :20].min() > 2


def test_pictures_of_one_padded_size_run_together_and_every_picture_once() -> None:
    preparation = LetterboxPreparation(FACTS)
    shapes = [(30, 120), (64, 64), (28, 120), (120, 30)]
    items = preparation.prepare([np.zeros((*shape, 3), np.uint8) for shape in shapes])
    batches = preparation.batches(items, device="cpu")
    assert [batch.tolist() for batch in batches] == [[0, 2], [1], [3]]


def test_a_trial_has_the_size_that_the_network_takes() -> None:
    from headstart.data.columns import ArrayColumn

    preparation = LetterboxPreparation(FACTS)
    assert preparation.trial(ArrayColumn([]), items=2, device="cpu").shape[:2] == (2, 3)
    assert preparation.passes(ArrayColumn([])) == 1.0
    assert preparation.losses(ArrayColumn([])) == []
