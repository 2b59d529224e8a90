from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from headstart.data.decode import open_picture
from headstart.data.upright_boxes import turned, upright


@given(st.integers(1, 8), st.integers(0, 10), st.integers(0, 8), st.integers(1, 6), st.integers(1, 6))
def test_a_box_goes_where_its_pixels_go(orientation: int, left: int, top: int, wide: int, high: int) -> None:
    stored = (20, 15)
    pixels = np.zeros((15, 20, 3), np.uint8)
    pixels[top : top + high, left : left + wide] = 255
    exif = Image.Exif()
    exif[0x0112] = orientation
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", exif=exif)
    seen = np.asarray(open_picture(buffer.getvalue()).planes[0])[:, :, 0] > 0
    box = upright(np.array([[left, top, left + wide, top + high]]), stored, orientation)[0]
    assert seen.shape == turned(stored, orientation)[::-1]
    ys, xs = np.nonzero(seen)
    assert box.tolist() == [xs.min(), ys.min(), xs.max() + 1, ys.max() + 1]


@pytest.mark.parametrize("orientation", [0, 9])
def test_an_orientation_that_does_not_exist_turns_nothing(orientation: int) -> None:
    assert upright(np.array([[1, 2, 3, 4]]), (9, 9), orientation).tolist() == [[1, 2, 3, 4]]
