"""One number an item."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from headstart.comparing.scores import item_scores, metric_of
from headstart.core.dataset import Dataset, Part
from headstart.data.columns import ArrayColumn


def dataset(targets: npt.NDArray[Any]) -> Dataset:
    parts = np.full(len(targets), Part.TRAIN, np.int8)
    labels = tuple("abc")
    return Dataset(
        "image-classification", labels, ArrayColumn(np.zeros((len(targets), 2, 2))), targets, parts, "memory"
    )


def test_an_item_is_right_or_wrong_by_its_most_probable_label() -> None:
    probabilities = np.array([[0.6, 0.4, 0.0], [0.2, 0.3, 0.5], [0.1, 0.8, 0.1]])
    assert item_scores(probabilities, np.array([0, 1, 1], np.int32)).tolist() == [1, 0, 1]
    assert metric_of(dataset(np.zeros(2, np.int32))) == "accuracy"


def test_several_labels_are_scored_by_the_f1_of_the_item() -> None:
    targets = np.array([[1, 1, 0], [0, 0, 0], [0, 0, 0], [1, 0, 1]], np.uint8)
    predicted = np.array([[1, 0, 0], [0, 0, 0], [0, 1, 0], [1, 0, 1]])
    scores = item_scores(np.where(predicted, 0.9, 0.1), targets)
    assert scores.tolist() == pytest.approx([2 / 3, 1, 0, 1])
    assert metric_of(dataset(targets)) == "item F1"
