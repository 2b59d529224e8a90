"""Colour models, bit depths and arrays: what becomes of each, and what there is no rule for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from headstart.core.card import InputFacts
from headstart.data.decode import PictureError, load_pixels, open_picture
from tests.data.photos import encoded, scene

SMALL = InputFacts(size=(20, 24), crop_fraction=0.9)
EXACT = InputFacts(size=(48, 64), crop_mode="squash", crop_fraction=1.0)
GREY = EXACT.model_copy(update={"channels": 1})
FOUR = EXACT.model_copy(update={"channels": 4})


def test_cmyk_becomes_the_colours_that_it_prints() -> None:
    cmyk = Image.new("CMYK", (8, 8), (0, 255, 255, 0))
    pixels = load_pixels(encoded(cmyk, "JPEG", quality=100), EXACT)
    assert np.abs(pixels[20, 20].astype(int) - [255, 0, 0]).max() < 8


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparent_parts_are_shown_on_white(mode: str) -> None:
    clear = Image.new("RGBA", (8, 8), (0, 0, 0, 0))
    image = clear.quantize(4) if mode == "P" else clear.convert(mode)
    assert open_picture(encoded(image)).header.transparent
    assert (load_pixels(encoded(image), EXACT) == 255).all()
    assert (load_pixels(encoded(image), GREY) == 255).all()


def test_half_transparent_black_is_grey() -> None:
    pixels = load_pixels(encoded(Image.new("RGBA", (8, 8), (0, 0, 0, 128))), EXACT)
    assert (pixels == 127).all()


def test_a_model_of_four_channels_gets_the_transparency() -> None:
    image = Image.new("RGBA", (8, 8), (10, 20, 30, 40))
    assert np.abs(load_pixels(encoded(image), FOUR).astype(int) - [10, 20, 30, 40]).max() <= 3  # weighed by alpha
    assert (load_pixels(encoded(image.convert("RGB")), FOUR) == [10, 20, 30, 255]).all()
    assert (load_pixels(encoded(Image.new("L", (8, 8), 9)), FOUR) == [9, 9, 9, 255]).all()
    assert (load_pixels(np.full((8, 8), 900, np.uint16), FOUR) == [900, 900, 900, 65535]).all()


def test_grey_is_repeated_and_colour_is_weighed() -> None:
    assert (load_pixels(encoded(Image.new("L", (8, 8), 77)), EXACT) == 77).all()
    assert (load_pixels(encoded(Image.new("RGB", (8, 8), (255, 0, 0))), GREY) == 76).all()
    jpeg = load_pixels(encoded(Image.new("RGB", (16, 16), (255, 0, 0)), "JPEG"), GREY)
    assert np.abs(jpeg.astype(int) - 76).max() <= 1


@pytest.mark.parametrize("format", ["PNG", "TIFF", "JPEG2000"])
def test_sixteen_bits_of_grey_are_kept(format: str) -> None:
    shades = np.arange(48 * 64, dtype=np.uint16).reshape(48, 64) * 20
    pixels = load_pixels(encoded(shades, format), EXACT)
    assert pixels.dtype == np.uint16
    assert (pixels == shades[:, :, None]).all()
    assert open_picture(encoded(shades, format)).header.depth == 16


def test_arrays_of_sixteen_bits_of_colour_are_kept() -> None:
    array = scene().astype(np.uint16) * 257
    assert (load_pixels(array, EXACT) == array).all()


@settings(max_examples=40, deadline=None)
@given(
    shape=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    bands=st.sampled_from([0, 1, 2, 3, 4, 5, 8]),
    kind=st.sampled_from(["uint8", "uint16", "int64", "float32", "float64", "bool"]),
    channels=st.sampled_from([1, 3]),
)
def test_any_array_comes_out_in_the_shape_that_the_model_takes(
    shape: tuple[int, int], bands: int, kind: str, channels: int
) -> None:
    array = (np.random.default_rng(0).random((*shape, bands) if bands else shape) * 300).astype(kind)
    facts = SMALL.model_copy(update={"channels": channels})
    assert load_pixels(array, facts).shape == (20, 24, channels)


@pytest.mark.parametrize(
    ("array", "reason"),
    [
        (np.zeros((3, 32, 32)), "an array of shape (3, 32, 32)"),
        (np.zeros((0, 5)), "an array of shape (0, 5)"),
        (np.zeros(7), "an array of shape (7,)"),
        (np.full((4, 4), np.nan), "not finite"),
        (np.full((4, 4), "a"), "numbers are needed"),
        ("a.jpg", "a str; bytes, an array or a Pillow image are needed"),
    ],
)
def test_arrays_that_are_no_pictures(array: object, reason: str) -> None:
    with pytest.raises(PictureError) as error:
        load_pixels(array, SMALL)  # type: ignore[arg-type]
    assert reason in str(error.value)


def test_too_few_channels_for_the_model_is_an_error() -> None:
    with pytest.raises(PictureError, match="has 3 channels where the model takes 5"):
        load_pixels(encoded(scene()), InputFacts(channels=5))


def test_all_bands_go_to_a_model_that_takes_them() -> None:
    array = np.random.default_rng(0).integers(0, 256, (48, 64, 5), dtype=np.uint8)
    assert (load_pixels(array, EXACT.model_copy(update={"channels": 5})) == array).all()
    assert (load_pixels(array, EXACT) == array[:, :, :3]).all()
