"""Thresholds serve the goal on new data, not on the few items that they were chosen on."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given

from headstart.core.strategy import Goal, MetricName
from headstart.metrics.outcome import Outcome
from headstart.metrics.table import METRICS
from headstart.metrics.threshold import choose_thresholds
from headstart.metrics.weighted import Once
from tests.metrics.outcomes import Pair, pairs, several, single

BALANCED = Goal(metric="balanced_accuracy")


def rare(items: int, *, seed: int) -> Pair:
    """Calibrated probabilities of a class that a fifth of the items are of."""
    random = np.random.default_rng(seed)
    truth = (random.random(items) < 0.2).astype(np.int64)
    scores = random.normal(size=items) + 1.5 * truth
    chance = 1 / (1 + np.exp(-(1.5 * scores - 1.5**2 / 2 + np.log(0.2 / 0.8))))
    return np.stack([1 - chance, chance], axis=1).astype(np.float32), truth


def value(metric: MetricName, pair: Pair, thresholds: tuple[float, ...] = ()) -> float:
    return float(METRICS[metric].compute(Once(Outcome.of(*pair, thresholds=thresholds)))[0])


@pytest.mark.parametrize(
    ("metric", "pair"),
    [("accuracy", single(20)), ("auroc", single(20, classes=2)), ("log_loss", several(20)), ("auroc", several(20))],
)
def test_there_is_none_where_the_most_probable_label_or_one_half_is_right(metric: MetricName, pair: Pair) -> None:
    assert choose_thresholds(Goal(metric=metric), *pair) == ()


@pytest.mark.parametrize("metric", ["accuracy", "balanced_accuracy", "macro_f1"])
def test_with_many_items_it_comes_close_to_the_best_on_new_data(metric: MetricName) -> None:
    new = rare(20_000, seed=1)
    chosen = choose_thresholds(Goal(metric=metric), *rare(5000, seed=2))
    best = max(value(metric, new, (threshold,)) for threshold in np.linspace(0.02, 0.98, 97))
    assert value(metric, new, chosen) > best - 0.005


def test_it_is_worth_it_where_one_half_is_wrong() -> None:
    new = rare(20_000, seed=1)
    chosen = choose_thresholds(BALANCED, *rare(100, seed=3))
    assert value("balanced_accuracy", new, chosen) > value("balanced_accuracy", new) + 0.05


def best_seen(metric: MetricName, pair: Pair) -> tuple[float, ...]:
    edges = np.unique(pair[0][:, 1])
    candidates = [*(edges[1:] + edges[:-1]) / 2]
    return (max(candidates, key=lambda threshold: (value(metric, pair, (threshold,)), -abs(threshold - 0.5))),)


@pytest.mark.parametrize("metric", ["accuracy", "balanced_accuracy", "macro_f1"])
def test_on_few_items_it_beats_the_best_threshold_seen(metric: MetricName) -> None:
    new = rare(20_000, seed=1)
    ours, seen = [], []
    for seed in range(20):
        few = rare(40, seed=100 + seed)
        ours.append(value(metric, new, choose_thresholds(Goal(metric=metric), *few)))
        seen.append(value(metric, new, best_seen(metric, few)))
    assert np.mean(ours) > np.mean(seen) + 0.003


@pytest.mark.parametrize("specificity", [0.5, 0.8, 0.95])
def test_a_specificity_is_reached_with_all_the_sensitivity_that_it_leaves(specificity: float) -> None:
    pair = rare(200, seed=4)
    goal = Goal(metric="sensitivity_at_specificity", specificity=specificity)
    chosen = choose_thresholds(goal, *pair)
    assert value("specificity", pair, chosen) >= specificity
    allowed = [(cut,) for cut in [*pair[0][:, 1], 1.1] if value("specificity", pair, (cut,)) >= specificity]
    assert value("sensitivity", pair, chosen) == max(value("sensitivity", pair, cut) for cut in allowed)


def test_each_of_several_labels_gets_its_own() -> None:
    probabilities, truth = several(300, labels=3)
    probabilities[:, 1] **= 3  # as good a ranking, but far too small
    chosen = choose_thresholds(Goal(metric="macro_f1"), probabilities, truth)
    assert len(chosen) == 3
    assert chosen[1] < min(chosen[0], chosen[2])
    assert value("macro_f1", (probabilities, truth), chosen) > value("macro_f1", (probabilities, truth))


def test_a_label_that_all_have_or_none_keeps_one_half() -> None:
    probabilities, truth = several(30, labels=3)
    truth[:, 0], truth[:, 2] = 0, 1
    chosen = choose_thresholds(BALANCED, probabilities, truth)
    assert (chosen[0], chosen[2]) == (0.5, 0.5)
    assert choose_thresholds(BALANCED, probabilities[:, :2] * 0 + 0.5, np.zeros(30, int)) == (0.5,)


@given(pairs())
def test_thresholds_are_probabilities_and_do_not_depend_on_the_order(pair: Pair) -> None:
    order = np.random.default_rng(0).permutation(len(pair[1]))
    for metric in ("accuracy", "macro_f1", "sensitivity_at_specificity"):
        chosen = choose_thresholds(Goal(metric=metric), *pair)
        assert all(0 <= threshold <= 1 + 1e-12 for threshold in chosen)
        again = choose_thresholds(Goal(metric=metric), pair[0][order], pair[1][order])
        assert again == pytest.approx(chosen, abs=1e-6)


@pytest.mark.parametrize("scores", [np.array([0.0, 0.0, 1.0, 1.0]), np.array([1.0, 1.0, 0.0, 0.0])])
def test_certain_scores_still_have_thresholds_that_separate_them(scores: npt.NDArray[Any]) -> None:
    truth = np.array([0, 0, 1, 1])
    probabilities = np.stack([1 - scores, scores], axis=1)
    chosen = choose_thresholds(Goal(metric="sensitivity_at_specificity", specificity=0.9), probabilities, truth)
    assert value("specificity", (probabilities, truth), chosen) == 1
    assert value("sensitivity", (probabilities, truth), chosen) == scores[2]
