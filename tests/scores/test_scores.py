"""What holds for every score: it says when it does not apply, and does not change with what does not matter."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.core.errors import DataError
from headstart.core.rows import Rows
from headstart.scores import DEFAULT_SCORES, SCORES
from tests.scores.samples import gaussian, several_labels

QUICK = [name for name in SCORES.built_in if name not in ("nleep", "logistic")]
ON_FEATURES = [name for name in QUICK if name not in ("nce", "leep")]
SEVERAL_LABELS = {"logme", "ridge", "knn"}


def rotated(rows: Rows, seed: int) -> Rows:
    width = rows.x.shape[1]
    turn, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(width, width)))
    return Rows(rows.x @ turn, rows.y, rows.source_probabilities)


def test_the_default_ones_are_known() -> None:
    assert set(DEFAULT_SCORES) <= set(SCORES)


@pytest.mark.parametrize("name", SCORES.built_in)
def test_a_docstring_has_the_paper_and_the_range(name: str) -> None:
    text = type(SCORES[name]).__doc__ or ""
    assert "Range:" in text
    assert any(f"{year}" in text for year in range(1930, 2025))


@pytest.mark.parametrize("name", QUICK)
@pytest.mark.parametrize("shape", [(45, 6), (70, 90)])
@settings(max_examples=3)
@given(seed=st.integers(0, 10))
def test_the_order_of_rows_and_the_names_of_classes_do_not_matter(name: str, shape: tuple[int, int], seed: int) -> None:
    rows, score = gaussian(*shape), SCORES[name]
    order = np.random.default_rng(seed).permutation(len(rows.x))
    assert rows.source_probabilities is not None
    other = Rows(rows.x[order], 30 - 7 * rows.y[order], rows.source_probabilities[order])
    assert score(other, seed=0) == pytest.approx(score(rows, seed=0), rel=1e-7, abs=1e-9)


@pytest.mark.parametrize("name", QUICK)
@pytest.mark.parametrize("shape", [(45, 6), (70, 90)])
def test_rotation_and_scale_do_not_matter(name: str, shape: tuple[int, int]) -> None:
    rows, score = gaussian(*shape), SCORES[name]
    expected = pytest.approx(score(rows, seed=0), rel=1e-6, abs=1e-9)
    assert score(rotated(rows, 1), seed=0) == expected
    for factor in (1e-3, 1e3):
        assert score(Rows(factor * rows.x, rows.y, rows.source_probabilities), seed=0) == expected


@pytest.mark.parametrize("name", QUICK)
@pytest.mark.parametrize("width", [6, 60])
def test_better_features_score_higher(name: str, width: int) -> None:
    noise, weak, strong = (gaussian(70, width, signal=signal) for signal in (0, 0.6, 2))
    values = [SCORES[name](rows, seed=0) for rows in (noise, weak, strong)]
    # with more features than rows, two scores rise with any features: their docstrings say so
    assert values == sorted(values) or (name in ("transrate", "gbc") and width > 40)


@pytest.mark.parametrize("name", SCORES.built_in)
def test_several_labels_are_taken_or_refused_in_words(name: str) -> None:
    rows = several_labels()
    score = SCORES[name]
    reason = score.applies(rows)
    if name in SEVERAL_LABELS:
        assert reason is None
        shuffled = Rows(rows.x, np.random.default_rng(0).permutation(rows.y))
        assert score(rows, seed=0) > score(shuffled, seed=0)
    else:
        assert reason == "it is defined for one label an item"
        with pytest.raises(DataError, match=f"score {name} does not apply: it is defined for one label"):
            score(rows, seed=0)


@pytest.mark.parametrize("name", ["nce", "leep"])
def test_a_source_head_is_asked_for(name: str) -> None:
    rows = gaussian(30, 4)
    assert SCORES[name].applies(Rows(rows.x, rows.y)) == "the model comes without a classifier of its source"


@pytest.mark.parametrize("name", SCORES.built_in)
def test_rows_that_nothing_can_be_said_of_are_refused(name: str) -> None:
    rows = gaussian(40, 4)
    assert SCORES[name].applies(Rows(rows.x, np.zeros(40, int), rows.source_probabilities)) is not None
    broken = rows.x.copy()
    broken[3, 2] = np.inf
    assert SCORES[name].applies(Rows(broken, rows.y, rows.source_probabilities)) == "1 of 40 rows are not finite"


@pytest.mark.parametrize("name", ON_FEATURES)
def test_float32_rows_are_as_good(name: str) -> None:
    rows = gaussian(50, 8)
    single = Rows(rows.x.astype(np.float32), rows.y)
    assert SCORES[name](single, seed=0) == pytest.approx(SCORES[name](rows, seed=0), rel=1e-4)
