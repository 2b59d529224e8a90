from __future__ import annotations

import io

import numpy as np
from PIL import Image

from headstart.data.whole_picture import whole_picture


def test_the_picture_is_upright_and_in_colours() -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (10, 20, 3), np.uint8)
    exif = Image.Exif()
    exif[0x0112] = 6
    encoded = io.BytesIO()
    Image.fromarray(pixels).save(encoded, "PNG", exif=exif)
    shown = whole_picture(encoded.getvalue())
    assert (shown.size, shown.mode) == ((10, 20), "RGB")
    assert np.array_equal(np.asarray(shown), np.rot90(pixels, -1))


def test_sixteen_bits_are_shown_in_eight() -> None:
    deep = np.full((4, 5), 0x8000, np.uint16)
    assert (np.asarray(whole_picture(deep)) == 0x80).all()
