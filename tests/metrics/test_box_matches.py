from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.core.detections import Detections
from headstart.core.targets import Boxes
from headstart.metrics.box_matches import AREAS, MOST, OVERLAPS, areas, matches, overlaps

corners = st.integers(0, 12)
box = st.tuples(corners, corners, st.integers(1, 8), st.integers(1, 8)).map(
    lambda four: (four[0], four[1], four[0] + four[2], four[1] + four[3])
)


@settings(max_examples=30)
@given(st.lists(box, min_size=1, max_size=4), st.lists(box, min_size=1, max_size=4))
def test_overlaps_are_those_of_counted_pixels(one: list[tuple[int, ...]], other: list[tuple[int, ...]]) -> None:
    def pixels(left: int, top: int, right: int, bottom: int) -> np.ndarray:
        mask = np.zeros((20, 20), bool)
        mask[top:bottom, left:right] = True
        return mask

    shares = overlaps(np.array(one, np.float32), np.array(other, np.float32))
    crowds = overlaps(np.array(one, np.float32), np.array(other, np.float32), crowd=np.ones(len(other), bool))
    for row, first in enumerate(one):
        assert areas(np.array([first]))[0] == pixels(*first).sum()
        for column, second in enumerate(other):
            both = (pixels(*first) & pixels(*second)).sum()
            assert np.isclose(shares[row, column], both / (pixels(*first) | pixels(*second)).sum())
            assert np.isclose(crowds[row, column], both / pixels(*first).sum())


def test_an_object_is_found_once_and_a_crowd_any_number_of_times() -> None:
    boxes = np.array([[0, 0, 50, 50], [100, 100, 150, 150]], np.float32)
    truth = Boxes(boxes, np.zeros(2, np.int32), np.array([False, True]))
    found = Detections(boxes[[0, 0, 1, 1]], np.zeros(4, np.int32), np.array([0.9, 0.8, 0.7, 0.6], np.float32))
    one = matches([found], [truth], 0)
    assert one.right[0, 0].tolist() == [True, False, False, False]
    assert one.counted[0, 0].tolist() == [True, True, False, False]
    assert one.objects[:, 0].tolist() == [1, 0, 1, 0]


def test_only_the_best_hundred_count() -> None:
    many = Detections(np.zeros((150, 4), np.float32), np.zeros(150, np.int32), np.linspace(0, 1, 150, dtype=np.float32))
    one = matches([many], [Boxes(np.zeros((0, 4), np.float32), np.zeros(0, np.int32), np.zeros(0, bool))], 0)
    assert one.right.shape == (len(AREAS), len(OVERLAPS), MOST)
    assert one.scores[0] == 1
