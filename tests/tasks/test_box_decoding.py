from __future__ import annotations

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.features.letterbox import Fitted
from headstart.features.tiles import View
from headstart.tasks.box_decoding import MOST, decode_boxes, decode_views, distinct
from tests.tasks.detectors import Known, knowing, viewed


@settings(max_examples=30)
@given(st.integers(1, 3), st.integers(1, 30), st.integers(1, 20), st.integers(4, 30), st.integers(4, 30))
def test_a_box_comes_back_in_original_pixels(shrunk: int, left: int, top: int, wide: int, high: int) -> None:
    box = (float(left), float(top), float(left + wide), float(top + high))
    outputs = knowing([[Known(box, 1)]], size=(64, 64), labels=2)
    item = viewed(64 * shrunk, 64 * shrunk, shrunk=shrunk)
    found = decode_views([decode_boxes(outputs, 0)], item.views, size=item.size, repeats=True)
    assert np.allclose(found.xyxy, shrunk * np.array([box]), atol=1e-3)
    assert found.labels.tolist() == [1]
    assert np.isclose(found.scores[0], 0.9)


def test_one_object_is_told_once_and_two_classes_twice() -> None:
    boxes = torch.tensor([[10.0, 10, 30, 30], [11, 10, 31, 30], [10, 10, 30, 30]])
    found = distinct(boxes, torch.tensor([0, 0, 1]), torch.tensor([0.5, 0.9, 0.4]), size=(40, 40))
    assert found.labels.tolist() == [0, 1]
    assert np.allclose(found.scores, [0.9, 0.4])


def test_boxes_are_cut_at_the_pictures_edge() -> None:
    boxes = torch.tensor([[-5.0, 10, 30, 30], [50, 50, 60, 60]])
    found = distinct(boxes, torch.tensor([0, 0]), torch.tensor([0.5, 0.9]), size=(40, 40))
    assert found.xyxy.tolist() == [[0, 10, 30, 30]]


def test_there_is_an_end_to_detections() -> None:
    place = torch.arange(400).float()[:, None] * 10
    boxes = torch.cat([place, place, place + 9, place + 9], 1)
    assert len(distinct(boxes, torch.zeros(400, dtype=torch.int64), torch.rand(400), size=(9000, 9000))) == MOST


def test_a_tile_leaves_what_its_inner_edge_cuts_to_its_neighbour() -> None:
    whole = [Known((2, 2, 6, 6), 0, 0.6)]
    tiles = [[Known((40, 20, 63, 40), 0, 0.8)], [Known((20, 20, 40, 40), 0, 0.9)]]
    outputs = knowing([whole, *tiles], size=(64, 64), labels=1)
    pixels = np.zeros((64, 64, 3), np.uint8)
    views = (
        View(Fitted(np.zeros((16, 64, 3), np.uint8), (128, 512))),
        View(Fitted(pixels, (128, 128))),
        View(Fitted(pixels, (128, 128)), left=60),
    )
    found = decode_views(
        [decode_boxes(outputs, row) for row in range(len(views))], views, size=(128, 512), repeats=True
    )
    assert np.allclose(found.xyxy, [[100, 40, 140, 80], [16, 16, 48, 48]])


def test_hardly_probable_boxes_are_left_out() -> None:
    outputs = knowing([[Known((10, 10, 20, 20), 0, 0.01)]], size=(64, 64), labels=1)
    assert len(decode_boxes(outputs, 0)[0]) == 0
