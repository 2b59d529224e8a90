"""What any picture becomes: shapes, colours, sides, scales, and errors instead of substitutes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from headstart.core.card import InputFacts
from headstart.data.decode import load_pixels, open_picture
from tests.data.photos import deep_colour_png, encoded, scene

SMALL = InputFacts(size=(20, 24), crop_fraction=0.9)
EXACT = InputFacts(size=(48, 64), crop_mode="squash", crop_fraction=1.0)
GREY = EXACT.model_copy(update={"channels": 1})
FOUR = EXACT.model_copy(update={"channels": 4})

ENCODINGS = {
    ("1", "PNG"), ("L", "PNG"), ("LA", "PNG"), ("P", "PNG"), ("RGB", "PNG"), ("RGBA", "PNG"), ("I;16", "PNG"),
    ("L", "JPEG"), ("RGB", "JPEG"), ("CMYK", "JPEG"), ("YCbCr", "JPEG"), ("P", "GIF"), ("RGB", "WEBP"),
    ("RGBA", "WEBP"), ("RGB", "AVIF"), ("RGB", "BMP"), ("F", "TIFF"), ("CMYK", "TIFF"), ("LAB", "TIFF"), ("I", "TIFF"),
    ("I;16", "TIFF"), ("RGB", "PPM"), ("RGB", "TGA"), ("RGB", "JPEG2000"), ("RGBA", "ICO"),
}  # fmt: skip


def in_mode(mode: str, width: int, height: int) -> Image.Image:
    picture = Image.fromarray(scene(width, height))
    if mode == "I;16":
        return Image.fromarray(np.asarray(picture.convert("L")).astype(np.uint16) * 257)
    if mode == "LAB":
        return Image.new("LAB", (width, height), (120, 20, 30))
    return picture.convert("RGBA").convert(mode) if mode == "LA" else picture.convert(mode)


@settings(max_examples=60, deadline=None)
@given(
    encoding=st.sampled_from(sorted(ENCODINGS)),
    size=st.tuples(st.integers(1, 90), st.integers(1, 90)),
    channels=st.sampled_from([1, 3, 4]),
    mode=st.sampled_from(["center", "squash"]),
    interpolation=st.sampled_from(["nearest", "bilinear", "bicubic", "lanczos", "box", "hamming"]),
    draft=st.booleans(),
)
def test_any_picture_comes_out_in_the_shape_that_the_model_takes(
    encoding: tuple[str, str], size: tuple[int, int], channels: int, mode: str, interpolation: str, draft: bool
) -> None:
    facts = InputFacts(
        size=(20, 24),
        crop_fraction=0.9,
        channels=channels,
        crop_mode=mode,  # type: ignore[arg-type]
        interpolation=interpolation,  # type: ignore[arg-type]
    )
    pixels = load_pixels(encoded(in_mode(encoding[0], *size), encoding[1]), facts, draft=draft)
    assert pixels.shape == (20, 24, channels)
    assert pixels.dtype == (np.uint16 if encoding[0] in ("I;16", "I", "F") else np.uint8)
    assert pixels.flags.c_contiguous


@pytest.mark.parametrize("format", ["PNG", "BMP", "TIFF", "PPM", "TGA"])
def test_lossless_pictures_keep_their_pixels(format: str) -> None:
    assert (load_pixels(encoded(scene(), format), EXACT) == scene()).all()


@pytest.mark.parametrize("format", ["JPEG", "WEBP", "AVIF"])
def test_photos_keep_their_looks(format: str) -> None:
    pixels = load_pixels(encoded(scene(), format, quality=95), EXACT)
    assert np.abs(pixels.astype(int) - scene()).mean() < 4


def test_arrays_and_pillow_images_are_taken_as_they_are() -> None:
    assert (load_pixels(scene(), EXACT) == scene()).all()
    assert (load_pixels(Image.fromarray(scene()), EXACT) == scene()).all()
    assert (load_pixels(scene()[:, ::-1], EXACT) == scene()[:, ::-1]).all()


def test_sixteen_bits_of_colour_lose_the_lower_half_and_say_so() -> None:
    picture = open_picture(deep_colour_png(8, 8, 1000))
    assert any("upper 8 bits" in rule for rule in picture.conversions)
    assert (load_pixels(deep_colour_png(8, 8, 1000), EXACT) == 1000 >> 8).all()


@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG", "TIFF"])
def test_an_animation_gives_its_first_frame(format: str) -> None:
    first, second = Image.new("RGB", (64, 48), (200, 0, 0)), Image.new("RGB", (64, 48), (0, 0, 200))
    options = {"lossless": True} if format == "WEBP" else {}
    raw = encoded(first, format, save_all=True, append_images=[second], **options)
    assert (load_pixels(raw, EXACT) == [200, 0, 0]).all()


def test_mirrored_is_the_mirror_image() -> None:
    assert (load_pixels(scene(), EXACT, mirrored=True) == scene()[:, ::-1]).all()
