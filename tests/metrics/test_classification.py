"""Numbers that follow from decisions equal those of scikit-learn, or of a loop over the items."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given

from headstart.core.errors import DataError
from headstart.metrics import classification
from headstart.metrics.outcome import Array, Outcome
from headstart.metrics.weighted import Once, Weighted
from tests.metrics.outcomes import Pair, pairs, several, single

BOUNDED = [
    classification.accuracy,
    classification.balanced_accuracy,
    classification.macro_f1,
    classification.micro_f1,
    classification.hamming_loss,
    classification.sensitivity,
    classification.specificity,
]


def value(metric: Callable[[Weighted], Array], pair: Pair, weights: np.ndarray | None = None) -> float:
    return float(metric(Once(Outcome.of(*pair), weights))[0])


def test_single_label_numbers_equal_those_of_scikit_learn() -> None:
    from sklearn import metrics

    probabilities, truth = single(200, classes=5)
    predicted = probabilities.argmax(axis=1)
    assert value(classification.accuracy, (probabilities, truth)) == metrics.accuracy_score(truth, predicted)
    assert value(classification.balanced_accuracy, (probabilities, truth)) == pytest.approx(
        metrics.balanced_accuracy_score(truth, predicted)
    )
    assert value(classification.macro_f1, (probabilities, truth)) == pytest.approx(
        metrics.f1_score(truth, predicted, average="macro")
    )
    assert value(classification.log_loss, (probabilities, truth)) == pytest.approx(
        metrics.log_loss(truth, probabilities), rel=1e-5
    )


def test_weighted_numbers_equal_those_of_scikit_learn() -> None:
    from sklearn import metrics

    probabilities, truth = single(100, classes=3)
    weights = np.random.default_rng(1).random(100)
    predicted = probabilities.argmax(axis=1)
    for metric, expected in (
        (classification.accuracy, metrics.accuracy_score(truth, predicted, sample_weight=weights)),
        (classification.balanced_accuracy, metrics.balanced_accuracy_score(truth, predicted, sample_weight=weights)),
        (classification.macro_f1, metrics.f1_score(truth, predicted, average="macro", sample_weight=weights)),
        (classification.log_loss, metrics.log_loss(truth, probabilities, sample_weight=weights)),
    ):
        assert value(metric, (probabilities, truth), weights) == pytest.approx(expected, rel=1e-5)


def test_sensitivity_and_specificity_are_the_recalls_of_the_second_and_first_class() -> None:
    from sklearn.metrics import recall_score

    probabilities, truth = single(100, classes=2)
    predicted = probabilities.argmax(axis=1)
    assert value(classification.sensitivity, (probabilities, truth)) == recall_score(truth, predicted)
    assert value(classification.specificity, (probabilities, truth)) == recall_score(truth, predicted, pos_label=0)


def test_multi_label_numbers_equal_those_of_scikit_learn() -> None:
    from sklearn import metrics

    probabilities, truth = several(100)
    predicted = probabilities >= 0.5
    for metric, expected in (
        (classification.accuracy, metrics.accuracy_score(truth, predicted)),
        (classification.macro_f1, metrics.f1_score(truth, predicted, average="macro")),
        (classification.micro_f1, metrics.f1_score(truth, predicted, average="micro")),
        (classification.hamming_loss, metrics.hamming_loss(truth, predicted)),
        (
            classification.balanced_accuracy,
            np.mean([metrics.balanced_accuracy_score(truth[:, label], predicted[:, label]) for label in range(4)]),
        ),
        (classification.log_loss, np.mean([metrics.log_loss(truth[:, i], probabilities[:, i]) for i in range(4)])),
    ):
        assert value(metric, (probabilities, truth)) == pytest.approx(expected, rel=1e-5)


def test_a_class_without_items_counts_for_f1_only_where_it_was_predicted() -> None:
    truth = np.array([0, 0, 1, 1])
    right = np.eye(4, dtype=np.float32)[truth]
    assert value(classification.macro_f1, (right, truth)) == 1
    wrong = np.eye(4, dtype=np.float32)[[0, 0, 1, 3]]
    assert value(classification.macro_f1, (wrong, truth)) == pytest.approx((1 + 2 / 3 + 0) / 3)
    assert value(classification.balanced_accuracy, (wrong, truth)) == 0.75


def test_of_equally_probable_classes_the_first_is_taken() -> None:
    even = np.full((2, 2), 0.5, np.float32)
    assert value(classification.accuracy, (even, np.array([0, 1]))) == 0.5
    assert value(classification.sensitivity, (even, np.array([0, 1]))) == 0


def test_an_impossible_item_costs_a_finite_loss() -> None:
    loss = value(classification.log_loss, (np.array([[1.0, 0.0]], np.float32), np.array([1])))
    assert loss == pytest.approx(-math.log(np.finfo(np.float32).eps))


@pytest.mark.parametrize(
    ("metric", "pair", "reason"),
    [
        (classification.sensitivity, single(5, classes=3), "needs two classes, and there are 3"),
        (classification.specificity, several(5), "needs two classes"),
        (classification.sensitivity, (np.full((2, 2), 0.5), np.array([0, 0])), "no item is of class 1"),
        (classification.micro_f1, single(5), "several labels"),
        (classification.hamming_loss, single(5), "several labels"),
        (classification.macro_f1, (np.zeros((2, 2)), np.zeros((2, 2), int)), "no item has or was given a label"),
        (classification.micro_f1, (np.zeros((2, 2)), np.zeros((2, 2), int)), "no item has or was given a label"),
    ],
)
def test_what_is_not_defined_says_why(metric: Callable[[Weighted], Array], pair: Pair, reason: str) -> None:
    with pytest.raises(DataError, match=reason):
        value(metric, pair)


@given(pairs())
def test_bounds_and_permutations(pair: Pair) -> None:
    order = np.random.default_rng(0).permutation(len(pair[1]))
    for metric in [*BOUNDED, classification.log_loss]:
        try:
            found = value(metric, pair)
        except DataError:
            continue
        assert found == pytest.approx(value(metric, (pair[0][order], pair[1][order])))
        assert found >= 0
        assert metric is classification.log_loss or found <= 1


@given(pairs())
def test_perfect_predictions(pair: Pair) -> None:
    probabilities, truth = pair
    perfect = truth.astype(np.float32) if truth.ndim == 2 else np.eye(probabilities.shape[1], dtype=np.float32)[truth]
    for metric in (classification.accuracy, classification.balanced_accuracy):
        assert value(metric, (perfect, truth)) == 1
    assert value(classification.log_loss, (perfect, truth)) == 0
    if truth.ndim == 1 or truth.any():
        assert value(classification.macro_f1, (perfect, truth)) == 1


@given(pairs())
def test_a_weight_of_two_is_an_item_twice(pair: Pair) -> None:
    weights = np.ones(len(pair[1]))
    weights[0] = 2
    twice = np.concatenate([[0], np.arange(len(pair[1]))])
    for metric in (classification.accuracy, classification.balanced_accuracy, classification.log_loss):
        assert value(metric, pair, weights) == pytest.approx(value(metric, (pair[0][twice], pair[1][twice])))
