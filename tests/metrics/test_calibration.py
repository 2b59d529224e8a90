"""The calibration error is that of the formula, and a temperature repairs what a temperature broke."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from headstart.core.strategy import Goal
from headstart.metrics.calibration import apply_temperature, calibration_error, fit_temperature, reliability
from headstart.metrics.goal import score
from headstart.metrics.logits import logits_of
from headstart.metrics.outcome import Outcome
from headstart.metrics.weighted import Once
from tests.metrics.outcomes import Pair, pairs, several, single

LOG_LOSS = Goal(metric="log_loss")


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


@pytest.mark.parametrize("temperature", [0.4, 1.0, 2.5])
def test_the_temperature_is_found(temperature: float) -> None:
    probabilities, truth = calibrated(20_000, temperature=temperature)
    assert fit_temperature(probabilities, truth) == pytest.approx(1 / temperature, rel=0.05)


def test_the_temperature_of_several_labels_is_found() -> None:
    random = np.random.default_rng(0)
    logits = random.normal(size=(5000, 3)) * 2
    truth = (random.random((5000, 3)) < 1 / (1 + np.exp(-logits))).astype(np.uint8)
    assert fit_temperature(1 / (1 + np.exp(-logits * 3)), truth) == pytest.approx(3, rel=0.05)


@given(pairs())
def test_a_fitted_temperature_never_makes_its_own_items_less_likely(pair: Pair) -> None:
    probabilities, truth = pair
    cooled = apply_temperature(probabilities, fit_temperature(probabilities, truth), multi_label=truth.ndim == 2)
    assert score(LOG_LOSS, cooled, truth) >= score(LOG_LOSS, probabilities, truth) - 1e-6


def test_a_few_items_that_are_all_right_do_not_make_everything_certain() -> None:
    truth = np.array([0, 1, 2] * 3)
    probabilities = np.eye(3, dtype=np.float32)[truth] * 0.7 + 0.1
    temperature = fit_temperature(probabilities, truth)
    assert 0.2 < temperature < 1


def test_a_temperature_divides_the_logits_and_keeps_the_decisions() -> None:
    probabilities, _ = single(50)
    cooled = apply_temperature(probabilities, 2.0, multi_label=False)
    assert cooled.argmax(axis=1).tolist() == probabilities.argmax(axis=1).tolist()
    assert cooled.sum(axis=1) == pytest.approx(1)
    assert apply_temperature(probabilities, 1.0, multi_label=False) == pytest.approx(probabilities, abs=1e-6)
    sharp, _ = several(50)
    halved = logits_of(apply_temperature(sharp, 2.0, multi_label=True), multi_label=True)
    assert halved == pytest.approx(logits_of(sharp, multi_label=True) / 2, abs=1e-6)
