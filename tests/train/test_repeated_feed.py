from __future__ import annotations

import numpy as np

from headstart.train.feed import FeatureFeed
from headstart.train.repeated_feed import MOST, RepeatedFeed, repeats


class Rows:
    def rows(self, indices: np.ndarray) -> np.ndarray:
        return np.stack([indices, indices], 1).astype(np.float32)


def test_items_of_rare_labels_come_more_often() -> None:
    presence = np.zeros((100, 3), np.uint8)
    presence[:, 0] = 1
    presence[:25, 1] = 1
    presence[0, 2] = 1
    times = repeats(presence)
    assert times[0] == MOST, "no more often than that"
    assert times[1:25].tolist() == [2] * 24
    assert times[25:].tolist() == [1] * 75


def test_labels_of_like_frequency_and_items_without_any_come_once() -> None:
    assert repeats(np.array([[1, 0], [0, 1], [0, 0]], np.uint8)).tolist() == [1, 1, 1]
    assert repeats(np.zeros((2, 3), np.uint8)).tolist() == [1, 1]
    assert repeats(np.zeros((2, 0), np.uint8)).tolist() == [1, 1]


def test_batches_are_those_of_the_items() -> None:
    feed = RepeatedFeed(FeatureFeed(Rows(), np.array([7, 8])), np.array([1, 2]))
    assert len(feed) == 3
    (batch,) = feed.batches([np.array([0, 1, 2])], epoch=0, device="cpu")
    assert batch.targets.tolist() == [7, 8, 8]
