"""Every conversion is named by its rule, and ordinary pictures have none."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from headstart.core.errors import DataError
from headstart.data.decode import PictureError, open_picture
from headstart.data.picture import ALPHA, DEEP_COLOUR, FLOAT, GREY
from tests.data.photos import deep_colour_png, encoded, oriented, scene

PHOTO = Image.fromarray(scene())
CLEAR = Image.new("RGBA", (8, 8), (9, 9, 9, 0))

CONVERTED = {
    "photo": (encoded(PHOTO, "JPEG"), ()),
    "grey": (encoded(PHOTO.convert("L"), "JPEG"), (GREY,)),
    "sixteen bits": (encoded(np.full((4, 4), 900, np.uint16)), (GREY,)),
    "black and white": (encoded(PHOTO.convert("1")), ("black and white taken as grey", GREY)),
    "CMYK": (encoded(PHOTO.convert("CMYK"), "JPEG"), ("CMYK converted to RGB",)),
    "palette": (encoded(PHOTO.convert("P")), ("palette replaced by its colours",)),
    "palette with alpha": (encoded(CLEAR.quantize(4)), ("palette replaced by its colours", ALPHA)),
    "alpha": (encoded(CLEAR), (ALPHA,)),
    "grey with alpha": (encoded(CLEAR.convert("LA")), (ALPHA, GREY)),
    "turned": (oriented(scene(), 6), ("turned upright as its EXIF data say",)),
    "deep colour": (deep_colour_png(4, 4, 900), (DEEP_COLOUR,)),
    "animation": (
        encoded(PHOTO, "WEBP", save_all=True, append_images=[PHOTO.rotate(180)]),
        ("first of several frames taken",),
    ),
    "pages": (encoded(PHOTO, "TIFF", save_all=True, append_images=[PHOTO]), ("first of several frames taken",)),
    "floats": (encoded(np.ones((4, 4), np.float32), "TIFF"), (FLOAT, GREY)),
}


@pytest.mark.parametrize("name", CONVERTED)
def test_conversions_are_named(name: str) -> None:
    raw, rules = CONVERTED[name]
    assert open_picture(raw).conversions == rules


def test_the_reason_of_an_error_is_its_text() -> None:
    error = PictureError("empty", "zero bytes")
    assert isinstance(error, DataError)
    assert (str(error), error.reason, error.kind) == ("zero bytes", "zero bytes", "empty")
