from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import confusion_matrix, jaccard_score

from headstart.core.errors import DataError
from headstart.core.targets import IGNORED
from headstart.metrics.segmentation import PixelCounts, class_iou, measure_masks, pixel_confusion

LABELS = ("a", "b", "c")


def slow_iou(truths: np.ndarray, predictions: np.ndarray, classes: int) -> list[float]:
    """Pixel by pixel."""
    found = []
    for label in range(classes):
        both = either = 0
        for truth, predicted in zip(truths.ravel().tolist(), predictions.ravel().tolist(), strict=True):
            if truth == IGNORED:
                continue
            both += truth == label and predicted == label
            either += truth == label or predicted == label
        found.append(both / either if either else float("nan"))
    return found


@given(
    truth=arrays(np.int16, (3, 4, 5), elements=st.integers(IGNORED, 2)),
    predicted=arrays(np.int16, (3, 4, 5), elements=st.integers(0, 2)),
)
def test_against_loops_and_scikit_learn(truth: np.ndarray, predicted: np.ndarray) -> None:
    counts = PixelCounts.of([pixel_confusion(*pair, 3) for pair in zip(truth, predicted, strict=True)])
    slow = slow_iou(truth, predicted, 3)
    known = truth != IGNORED
    np.testing.assert_allclose(class_iou(counts, np.ones((3, 1)))[:, 0], slow)
    if not known.any():
        with pytest.raises(DataError, match="No pixel has a class"):
            measure_masks(counts, LABELS)
        return
    found = measure_masks(counts, LABELS)
    assert found.metrics["mean_iou"] == pytest.approx(np.nanmean(slow))
    assert found.metrics["pixel_accuracy"] == pytest.approx(float((truth == predicted)[known].mean()))
    table = confusion_matrix(truth[known], predicted[known], labels=[0, 1, 2])
    assert (np.array(found.confusion) == table).all()
    theirs = jaccard_score(truth[known], predicted[known], labels=[0, 1, 2], average=None, zero_division=0)
    for row, own, other in zip(found.per_class, slow, theirs, strict=True):
        assert row.iou is None if np.isnan(own) else row.iou == pytest.approx(other)


def noisy(pictures: int, errors: float, seed: int = 0) -> PixelCounts:
    random = np.random.default_rng(seed)
    truth = random.integers(0, 3, (pictures, 10, 10))
    wrong = random.random(truth.shape) < errors * random.random((pictures, 1, 1)) * 2
    predicted = np.where(wrong, (truth + 1) % 3, truth)
    return PixelCounts.of([pixel_confusion(*pair, 3) for pair in zip(truth, predicted, strict=True)])


def test_intervals_hold_the_value_and_shrink_with_the_pictures() -> None:
    few, many = measure_masks(noisy(12, 0.2), LABELS), measure_masks(noisy(300, 0.2), LABELS)
    for found in (few, many):
        low, high = found.intervals["mean_iou"]
        assert low < found.metrics["mean_iou"] < high
    assert np.ptp(many.intervals["mean_iou"]) < np.ptp(few.intervals["mean_iou"]) / 3
    assert few.resampled == "12 items"


def test_intervals_cover_the_truth() -> None:
    truth = measure_masks(noisy(4000, 0.2, seed=99), LABELS).metrics["mean_iou"]
    inside = 0
    for seed in range(60):
        low, high = measure_masks(noisy(30, 0.2, seed=seed), LABELS).intervals["mean_iou"]
        inside += low <= truth <= high
    assert inside >= 52


def test_groups_are_what_is_resampled() -> None:
    one = noisy(3, 0.4)  # pictures of a group are alike, so that four of them say no more than one
    four = [np.repeat(each, 4, axis=0) for each in (one.right, one.truth, one.predicted)]
    counts = PixelCounts(*four, confusion=4 * one.confusion)
    groups = np.repeat(np.arange(3), 4)
    found = measure_masks(counts, LABELS, groups=groups, group_names=("x", "y", "z"))
    assert found.resampled == "3 groups"
    assert [row.items for row in found.per_group] == [4, 4, 4]
    assert np.ptp(found.intervals["mean_iou"]) > np.ptp(measure_masks(counts, LABELS).intervals["mean_iou"])


def test_leaked_pictures() -> None:
    counts = noisy(6, 0.3)
    found = measure_masks(counts, LABELS, leaked=np.array([1, 2]))
    assert found.without_leaks is not None
    assert found.without_leaks.items == 4
    assert "2 of 6" in found.notes[0]


def test_perfect_and_single() -> None:
    truth = np.array([[0, 1, 2]])
    found = measure_masks(PixelCounts.of([pixel_confusion(truth, truth, 3)]), LABELS)
    assert found.metrics == {"mean_iou": 1.0, "pixel_accuracy": 1.0, "mean_class_accuracy": 1.0}
    assert found.intervals == {}


def test_what_cannot_be() -> None:
    with pytest.raises(ValueError, match="shape"):
        pixel_confusion(np.zeros((2, 2), np.int16), np.zeros((2, 3), np.int16), 2)
    with pytest.raises(ValueError, match="classes outside"):
        pixel_confusion(np.zeros((2, 2), np.int16), np.full((2, 2), 5), 2)
    with pytest.raises(DataError):
        PixelCounts.of([])
