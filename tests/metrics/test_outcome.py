"""What goes into a metric is checked once, and refused with a reason."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.core.errors import DataError, ModelError
from headstart.metrics.outcome import Outcome
from tests.metrics.outcomes import several, single


def test_probabilities_that_are_not_numbers_are_the_model_s_fault_and_counted() -> None:
    probabilities, truth = single(10)
    probabilities[3, 1] = np.nan
    probabilities[7, 0] = np.inf
    with pytest.raises(ModelError, match="2 of 10 items are not numbers"):
        Outcome.of(probabilities, truth)


def test_no_item_is_said() -> None:
    with pytest.raises(DataError, match="no item"):
        Outcome.of(np.zeros((0, 3), np.float32), np.zeros(0, np.int32))


@pytest.mark.parametrize(
    ("probabilities", "targets"),
    [
        (np.full((2, 2), 0.5), np.array([0, 1, 1])),
        (np.full(2, 0.5), np.array([0, 1])),
        (np.full((2, 2), 0.5), np.zeros((2, 3), int)),
        (np.full((2, 2), 0.5), np.array([0, 2])),
        (np.full((2, 2), 0.5), np.array([-1, 1])),
        (np.full((2, 2), 0.5), np.array([0.0, 1.0])),
        (np.full((2, 2), 0.4), np.array([0, 1])),
        (np.array([[1.5, -0.5]]), np.array([0])),
        (np.full((2, 2), 1), np.array([0, 1])),
        (np.full((2, 2), 0.5), np.full((2, 2), 2)),
    ],
)
def test_shapes_ranges_and_types_that_cannot_be_are_refused(probabilities: np.ndarray, targets: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"prob|class|targets"):
        Outcome.of(probabilities, targets)


def test_names_have_to_fit_the_columns() -> None:
    with pytest.raises(ValueError, match="2 labels for 3 columns"):
        Outcome.of(*single(5, classes=3), labels=["a", "b"])


def test_support_counts_the_items_of_each_label() -> None:
    probabilities, truth = single(30, classes=4)
    assert Outcome.of(probabilities, truth).support.tolist() == [int((truth == label).sum()) for label in range(4)]
    probabilities, truth = several(30, labels=2)
    assert Outcome.of(probabilities, truth).support.tolist() == truth.sum(axis=0).tolist()


def test_taking_items_keeps_labels_and_thresholds() -> None:
    outcome = Outcome.of(*single(6, classes=2), labels=["no", "yes"], thresholds=(0.3,))
    part = outcome.take(np.array([4, 0]))
    assert (part.labels, part.thresholds, len(part)) == (("no", "yes"), (0.3,), 2)
    assert part.predicted.tolist() == outcome.predicted[[4, 0]].tolist()


def test_only_two_single_label_classes_are_binary() -> None:
    assert Outcome.of(*single(5, classes=2)).binary
    assert not Outcome.of(*single(5, classes=3)).binary
    assert not Outcome.of(*several(5, labels=2)).binary
