"""The calibration error is that of the formula, and grows with what sharpens the probabilities."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from headstart.metrics.calibration import calibration_error, reliability
from headstart.metrics.outcome import Outcome
from headstart.metrics.weighted import Once
from tests.metrics.outcomes import Pair, pairs, several, single


def error_of(pair: Pair) -> float:
    return float(calibration_error(Once(Outcome.of(*pair)))[0])


def calibrated(items: int, *, temperature: float, seed: int = 0, classes: int = 3) -> Pair:
    """Truth drawn from the probabilities at temperature 1; the probabilities given are those at another."""
    random = np.random.default_rng(seed)
    logits = random.normal(size=(items, classes)) * 2
    true = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    truth = (true.cumsum(axis=1) < random.random((items, 1))).sum(axis=1).clip(0, classes - 1)
    given_logits = logits / temperature
    powers = np.exp(given_logits - given_logits.max(axis=1, keepdims=True))
    return (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32), truth


def test_the_error_is_that_of_a_loop_over_bins_of_equal_mass() -> None:
    probabilities, truth = single(300, signal=2)
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    order = np.argsort(confidence)
    total = 0.0
    for part in np.array_split(order, 15):
        total += len(part) * abs(confidence[part].mean() - right[part].mean())
    assert error_of((probabilities, truth)) == pytest.approx(total / 300, abs=1e-6)


def test_few_items_make_few_bins() -> None:
    assert len(reliability(Outcome.of(*single(39)))) == 1
    assert len(reliability(Outcome.of(*single(100)))) == 5
    assert len(reliability(Outcome.of(*single(5000)))) == 15


def test_the_table_explains_the_error() -> None:
    probabilities, truth = several(200)
    rows = reliability(Outcome.of(probabilities, truth))
    assert sum(row.count for row in rows) == truth.size
    assert [row.confidence for row in rows] == sorted(row.confidence for row in rows)
    error = sum(row.count * abs(row.confidence - row.accuracy) for row in rows) / truth.size
    assert error_of((probabilities, truth)) == pytest.approx(error, abs=1e-6)


def test_calibrated_probabilities_have_a_small_error_and_sharpened_ones_a_large_one() -> None:
    assert error_of(calibrated(20_000, temperature=1.0)) < 0.015
    assert error_of(calibrated(20_000, temperature=0.3)) > 0.1


@given(pairs())
def test_order_does_not_matter_and_bounds_hold(pair: Pair) -> None:
    order = np.random.default_rng(0).permutation(len(pair[1]))
    found = error_of(pair)
    assert 0 <= found <= 1
    assert found == pytest.approx(error_of((pair[0][order], pair[1][order])), abs=1e-6)


def test_certain_and_right_is_no_error_and_certain_and_wrong_the_whole() -> None:
    truth = np.array([0, 1] * 20)
    certain = np.eye(2, dtype=np.float32)[truth]
    assert error_of((certain, truth)) == 0
    assert error_of((certain, 1 - truth)) == 1
