from __future__ import annotations

import numpy as np
import pytest

from headstart.train.class_weights import balanced_weights


def test_every_class_weighs_the_same_in_total() -> None:
    targets = np.array([0, 0, 0, 0, 1, 1, 2], np.int32)
    weights = balanced_weights(targets, labels=3).numpy()
    totals = weights * np.bincount(targets)
    assert totals == pytest.approx([7 / 3] * 3)


def test_positives_of_a_label_weigh_as_much_as_its_negatives() -> None:
    targets = np.array([[1, 0], [0, 0], [0, 1], [0, 1]], np.uint8)
    assert balanced_weights(targets, labels=2).tolist() == [3.0, 1.0]


def test_a_label_that_all_items_have_is_learnt() -> None:
    targets = np.array([[1, 0], [1, 1], [1, 0]], np.uint8)
    assert balanced_weights(targets, labels=2).tolist() == pytest.approx([1 / 3, 2.0])
