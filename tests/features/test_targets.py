"""Truth as solvers want it, and scikit-learn's class weights."""

from __future__ import annotations

import numpy as np
from sklearn.utils.class_weight import compute_class_weight, compute_sample_weight

from headstart.features.targets import Truth

CLASSES = np.array([0, 2, 2, 1, 2, 0], np.int32)
PAIRS = np.array([0, 1, 1, 1], np.int32)
SETS = np.array([[1, 0], [1, 1], [1, 0], [0, 0]], np.uint8)


def test_one_score_a_class_and_one_for_two() -> None:
    assert Truth.of(CLASSES, 4, "none").wanted().tolist() == np.eye(4)[CLASSES].tolist()
    two = Truth.of(PAIRS, 2, "none")
    assert (two.scores, two.one_row, two.link) == (1, True, "sigmoid")
    assert two.wanted().tolist() == [[0], [1], [1], [1]]
    several = Truth.of(SETS, 2, "none")
    assert (several.scores, several.one_row, several.link) == (2, False, "sigmoid")
    assert several.wanted().tolist() == SETS.tolist()


def test_parts_keep_the_weights_of_the_whole() -> None:
    truth = Truth.of(CLASSES, 3, "balanced")
    part = truth.take(np.array([3, 0]))
    assert part.wanted().tolist() == [[0, 1, 0], [1, 0, 0]]
    assert part.weights(slice(None), part.wanted())[:, 0].tolist() == [2.0, 1.0]
    assert truth.wanted(slice(3, 4)).tolist() == [[0, 1, 0]]


def test_balanced_weights_are_those_of_scikit_learn() -> None:
    for targets, labels in ((CLASSES, 3), (PAIRS, 2)):
        truth = Truth.of(targets, labels, "balanced")
        ours = truth.weights(slice(None), truth.wanted())[:, 0]
        np.testing.assert_allclose(ours, compute_sample_weight("balanced", targets))
    several = Truth.of(SETS, 2, "balanced")
    ours = several.weights(slice(None), several.wanted())
    for label in range(2):
        pair = compute_class_weight("balanced", classes=np.array([0, 1]), y=SETS[:, label])
        np.testing.assert_allclose(ours[:, label], pair[SETS[:, label]])


def test_classes_that_do_not_occur_take_no_weight_from_the_others() -> None:
    truth = Truth.of(CLASSES, 5, "balanced")
    assert truth.weights(slice(None), truth.wanted()).mean() == 1


def test_without_class_weights_every_item_counts_once() -> None:
    for targets, labels in ((CLASSES, 3), (PAIRS, 2), (SETS, 2)):
        truth = Truth.of(targets, labels, "none")
        assert (truth.weights(slice(None), truth.wanted()) == 1).all()
