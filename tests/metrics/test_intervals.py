"""Intervals hold the truth as often as they say, for items and for groups."""

from __future__ import annotations

import time

import numpy as np
import pytest

from headstart.core.wilson import wilson
from headstart.metrics.intervals import Resampled, interval
from headstart.metrics.outcome import Outcome
from headstart.metrics.table import METRICS
from headstart.metrics.weighted import Once
from tests.metrics.outcomes import Pair, several, single


def measured(
    name: str, pair: Pair, *, groups: np.ndarray | None = None, seed: int = 0
) -> tuple[float, tuple[float, float]]:
    outcome, metric = Outcome.of(*pair), METRICS[name]
    value = float(metric.compute(Once(outcome))[0])
    resampled = Resampled(outcome, groups, seed=seed)
    found = interval(metric, value, resampled=resampled, units=resampled.units)
    assert found is not None
    return value, found


@pytest.mark.parametrize("items", [30, 300, 30_000])
def test_the_interval_of_accuracy_agrees_with_wilson(items: int) -> None:
    value, (low, high) = measured("accuracy", single(items, signal=2))
    expected = wilson(value, size=items)
    width = expected[1] - expected[0]
    assert (low, high) == pytest.approx(expected, abs=0.08 * width)


@pytest.mark.parametrize("name", METRICS.names())
def test_every_metric_has_an_interval_around_its_value_that_narrows_with_more_items(name: str) -> None:
    made = several if name in ("micro_f1", "hamming_loss") else lambda items: single(items, classes=2)
    few, many = measured(name, made(100)), measured(name, made(10_000))
    for value, (low, high) in (few, many):
        assert low < value < high
        assert low >= 0
        assert high <= 1 or name == "log_loss"
    assert many[1][1] - many[1][0] < 0.3 * (few[1][1] - few[1][0])


def test_resamples_weigh_items_as_a_loop_would() -> None:
    from sklearn.metrics import balanced_accuracy_score, roc_auc_score

    probabilities, truth = single(60, classes=2, coarse=True)
    resampled = Resampled(Outcome.of(probabilities, truth))
    for name, by_loop in (
        ("balanced_accuracy", lambda w: balanced_accuracy_score(truth, probabilities.argmax(axis=1), sample_weight=w)),
        ("auroc", lambda w: roc_auc_score(truth, probabilities[:, 1], sample_weight=w)),
    ):
        found = METRICS[name].compute(resampled)
        expected = [by_loop(resampled.weights[:, replicate]) for replicate in range(20)]
        assert found[:20] == pytest.approx(expected, abs=1e-5)


def test_whole_groups_are_drawn_and_items_without_one_are_alone() -> None:
    groups = np.array([0, 0, 5, 5, 5, -1, -1])
    resampled = Resampled(Outcome.of(*single(7)), groups)
    assert resampled.units == 4
    each = resampled.weights[resampled.unit_of]
    assert (each[0] == each[1]).all()
    assert (each[2] == each[4]).all()
    assert (each[5] != each[6]).any()
    assert (resampled.weights.sum(axis=0) == 4).all()


def test_repeated_items_narrow_the_interval_only_where_groups_are_not_known() -> None:
    probabilities, truth = single(50)
    ten_times = np.repeat(np.arange(50), 10)
    pair = (probabilities[ten_times], truth[ten_times])
    once, blind, by_group = (
        measured("macro_f1", (probabilities, truth))[1],
        measured("macro_f1", pair)[1],
        measured("macro_f1", pair, groups=ten_times)[1],
    )
    assert by_group == pytest.approx(once, abs=0.01)
    assert blind[1] - blind[0] < 0.5 * (once[1] - once[0])


@pytest.mark.parametrize("name", ["accuracy", "balanced_accuracy", "macro_f1", "auroc", "average_precision"])
def test_nothing_is_certain_because_every_item_is_right(name: str) -> None:
    truth = np.arange(40) % 2
    value, (low, high) = measured(name, (np.eye(2, dtype=np.float32)[truth] * 0.8 + 0.1, truth))
    assert (value, high) == (1.0, 1.0)
    assert low == pytest.approx(wilson(1.0, size=40, quantile=2.023)[0], abs=1e-3)


def test_groups_that_are_all_right_count_as_groups() -> None:
    truth = np.arange(400) % 2
    pair = (np.eye(2, dtype=np.float32)[truth], truth)
    assert measured("accuracy", pair, groups=np.arange(400) // 40)[1][0] < 0.75
    assert measured("accuracy", pair)[1][0] > 0.98


def test_the_same_seed_gives_the_same_interval() -> None:
    pair = single(100)
    assert measured("macro_f1", pair, seed=3) == measured("macro_f1", pair, seed=3)
    assert measured("macro_f1", pair, seed=3) != measured("macro_f1", pair, seed=4)


def test_one_unit_has_no_interval() -> None:
    outcome = Outcome.of(*single(10))
    resampled = Resampled(outcome, np.zeros(10, int))
    assert interval(METRICS["accuracy"], 0.5, resampled=resampled, units=resampled.units) is None


@pytest.mark.parametrize(("name", "truth_is", "items"), [("accuracy", 0.95, 40), ("balanced_accuracy", 0.95, 60)])
def test_intervals_hold_the_truth_as_often_as_they_say(name: str, truth_is: float, items: int) -> None:
    held, repeats = 0, 300
    for seed in range(repeats):
        random = np.random.default_rng(seed)
        truth = random.integers(0, 2, items)
        predicted = np.where(random.random(items) < truth_is, truth, 1 - truth)
        _, (low, high) = measured(name, (np.eye(2, dtype=np.float32)[predicted], truth))
        held += low <= truth_is <= high
    assert 0.915 <= held / repeats <= 0.99


def test_intervals_of_groups_hold_the_truth_as_often_as_they_say() -> None:
    held, repeats = 0, 300
    for seed in range(repeats):
        random = np.random.default_rng(seed)
        groups = np.repeat(np.arange(15), 20)
        easy = random.beta(4, 1, 15)[groups]  # the mean over groups is 0.8
        truth = random.integers(0, 2, 300)
        predicted = np.where(random.random(300) < easy, truth, 1 - truth)
        _, (low, high) = measured("accuracy", (np.eye(2, dtype=np.float32)[predicted], truth), groups=groups)
        held += low <= 0.8 <= high
    assert 0.915 <= held / repeats <= 0.99


def test_a_hundred_thousand_items_take_seconds() -> None:
    outcome = Outcome.of(*single(100_000, classes=4))
    started = time.perf_counter()
    resampled = Resampled(outcome)
    for name in ("accuracy", "macro_f1", "auroc", "log_loss", "calibration_error"):
        assert interval(METRICS[name], 0.5, resampled=resampled, units=resampled.units) is not None
    assert time.perf_counter() - started < 30
