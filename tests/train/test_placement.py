"""Where pictures come to lie, held against boxes and pixel classes drawn by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.core.targets import IGNORED, Boxes
from headstart.train.placement import Placement, drawn, place_boxes, place_mask, place_pixels, whole

SIDES = st.integers(8, 60)


def boxes(*xyxy: tuple[float, float, float, float]) -> Boxes:
    corners = np.array(xyxy, np.float32).reshape(-1, 4)
    return Boxes(corners, np.arange(len(corners), dtype=np.int32), np.zeros(len(corners), np.bool_))


@st.composite
def placements(draw: st.DrawFn) -> Placement:
    size, canvas = (draw(SIDES), draw(SIDES)), (draw(SIDES), draw(SIDES))
    generator = np.random.default_rng(draw(st.integers(0, 1000)))
    return drawn(size, canvas, generator, scales=(0.5, 2.0), stretch=1.3)


@settings(max_examples=60, deadline=None)
@given(placements())
def test_a_picture_a_mask_and_a_box_come_to_lie_in_the_same_place(placement: Placement) -> None:
    height, width = placement.size
    mask = np.ones((height, width), np.int16)
    pixels = np.full((height, width, 3), 255, np.uint8)
    placed = place_mask(mask, placement)
    assert np.array_equal(place_pixels(pixels, placement, np.zeros(3))[:, :, 0] > 127, placed == 1)
    found = place_boxes(boxes((0, 0, width, height)), placement)
    rows, columns = np.nonzero(placed == 1)
    wanted = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
    assert found.xyxy[0] == pytest.approx(np.array(wanted), abs=1e-4)
    assert (placed[placed != 1] == IGNORED).all()


@settings(max_examples=60, deadline=None)
@given(placements(), st.data())
def test_boxes_come_back_where_nothing_was_cut(placement: Placement, data: st.DataObject) -> None:
    height, width = placement.size
    left, top = data.draw(st.floats(0, width - 2)), data.draw(st.floats(0, height - 2))
    box = (left, top, data.draw(st.floats(left + 1, width)), data.draw(st.floats(top + 1, height)))
    found = place_boxes(boxes(box), placement)
    if not len(found):
        return
    xyxy = found.xyxy[0].astype(np.float64)
    if placement.mirrored:
        xyxy = np.array([placement.canvas[1] - xyxy[2], xyxy[1], placement.canvas[1] - xyxy[0], xyxy[3]])
    down, across = (want / have for have, want in zip(placement.size, placement.scaled, strict=True))
    top_edge, left_edge, bottom_edge, right_edge = placement.window
    back = (xyxy - (placement.left, placement.top) * 2) / (across, down, across, down)
    inside = (xyxy > (left_edge, top_edge, left_edge, top_edge)) & (xyxy < (right_edge, bottom_edge) * 2)
    assert back[inside] == pytest.approx(np.array(box)[inside], abs=1e-3)


def test_a_box_that_is_mostly_cut_off_becomes_ignored_and_one_outside_is_gone() -> None:
    placement = Placement((10, 10), (10, 10), (10, 10), top=0, left=-8)
    found = place_boxes(boxes((0, 0, 10, 10), (0, 0, 5, 5), (8, 0, 10, 10)), placement)
    assert found.labels.tolist() == [0, 2]
    assert found.ignored.tolist() == [True, False]


def test_the_whole_picture_fits_without_distortion() -> None:
    placement = whole((30, 60), (32, 32))
    assert placement.scaled == (16, 32)
    assert (placement.top, placement.left) == (0, 0)


def test_a_mirrored_mask_is_read_from_the_right() -> None:
    mask = np.array([[0, 1], [2, 3]], np.int16)
    assert place_mask(mask, Placement((2, 2), (2, 2), (2, 2), mirrored=True)).tolist() == [[1, 0], [3, 2]]


def test_an_enlarged_mask_holds_no_class_that_was_not_there() -> None:
    mask = np.random.default_rng(0).choice([0, 5, 9], size=(7, 9)).astype(np.int16)
    placed = place_mask(mask, Placement((7, 9), (20, 31), (20, 31)))
    assert set(np.unique(placed)) <= {0, 5, 9}
