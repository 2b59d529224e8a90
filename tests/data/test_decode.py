"""What any picture becomes: shapes, colours, sides, scales, and errors instead of substitutes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from headstart.core.card import InputFacts
from headstart.data.decode import CropBox, PictureError, load_pixels, open_picture
from tests.data.photos import deep_colour_png, encoded, oriented, png_of_claimed_size, scene

SMALL = InputFacts(size=(20, 24), crop_fraction=0.9)
EXACT = InputFacts(size=(48, 64), crop_mode="squash", crop_fraction=1.0)
GREY = EXACT.model_copy(update={"channels": 1})
FOUR = EXACT.model_copy(update={"channels": 4})

ENCODINGS = {
    ("1", "PNG"), ("L", "PNG"), ("LA", "PNG"), ("P", "PNG"), ("RGB", "PNG"), ("RGBA", "PNG"), ("I;16", "PNG"),
    ("L", "JPEG"), ("RGB", "JPEG"), ("CMYK", "JPEG"), ("YCbCr", "JPEG"), ("P", "GIF"), ("RGB", "WEBP"), ("RGBA", "WEBP"),
    ("RGB", "AVIF"), ("RGB", "BMP"), ("F", "TIFF"), ("CMYK", "TIFF"), ("LAB", "TIFF"), ("I", "TIFF"), ("I;16", "TIFF"),
    ("RGB", "PPM"), ("RGB", "TGA"), ("RGB", "JPEG2000"), ("RGBA", "ICO"),
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


def test_sixteen_bits_of_colour_lose_the_lower_half_and_say_so() -> None:
    picture = open_picture(deep_colour_png(8, 8, 1000))
    assert any("upper 8 bits" in rule for rule in picture.conversions)
    assert (load_pixels(deep_colour_png(8, 8, 1000), EXACT) == 1000 >> 8).all()


def test_arrays_of_sixteen_bits_of_colour_are_kept() -> None:
    array = scene().astype(np.uint16) * 257
    assert (load_pixels(array, EXACT) == array).all()


@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG", "TIFF"])
def test_an_animation_gives_its_first_frame(format: str) -> None:
    first, second = Image.new("RGB", (64, 48), (200, 0, 0)), Image.new("RGB", (64, 48), (0, 0, 200))
    options = {"lossless": True} if format == "WEBP" else {}
    raw = encoded(first, format, save_all=True, append_images=[second], **options)
    assert (load_pixels(raw, EXACT) == [200, 0, 0]).all()


@pytest.mark.parametrize("format", ["JPEG", "PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_are_turned_upright(format: str, orientation: int) -> None:
    stored = scene(64, 48)
    turned = {
        1: stored, 2: stored[:, ::-1], 3: stored[::-1, ::-1], 4: stored[::-1], 5: stored.transpose(1, 0, 2),
        6: stored[::-1].transpose(1, 0, 2), 7: stored[::-1, ::-1].transpose(1, 0, 2), 8: stored.transpose(1, 0, 2)[::-1],
    }[orientation]  # fmt: skip
    raw = oriented(stored, orientation, format)
    header = open_picture(raw).header
    assert (header.height, header.width) == turned.shape[:2]
    assert header.orientation == orientation
    facts = InputFacts(size=turned.shape[:2], crop_mode="squash", crop_fraction=1.0)
    assert np.abs(load_pixels(raw, facts).astype(int) - turned).mean() < 6


@pytest.mark.parametrize("size", [(1, 1), (1, 30_000), (30_000, 1), (30_000, 20), (2, 9)])
@pytest.mark.parametrize("format", ["PNG", "JPEG"])
@pytest.mark.parametrize("crop", [True, False, CropBox(0.25, 0.25, 0.5, 0.5)])
@pytest.mark.parametrize("draft", [True, False])
def test_very_thin_and_very_long_pictures(
    size: tuple[int, int], format: str, crop: CropBox | bool, draft: bool
) -> None:
    raw = encoded(Image.new("RGB", size, (90, 90, 90)), format)
    pixels = load_pixels(raw, InputFacts(interpolation="bicubic"), crop=crop, draft=draft)
    assert pixels.shape == ((224, 224, 3) if crop else (size[1], size[0], 3))
    assert np.abs(pixels.astype(int) - 90).max() <= 2


def test_mirrored_is_the_mirror_image() -> None:
    assert (load_pixels(scene(), EXACT, mirrored=True) == scene()[:, ::-1]).all()


def test_a_crop_is_the_part_of_the_upright_picture() -> None:
    facts = InputFacts(size=(24, 32))
    assert (load_pixels(scene(), facts, crop=CropBox(0.5, 0, 0.5, 0.5)) == scene()[:24, 32:]).all()


def test_the_whole_picture_is_reduced_but_never_enlarged() -> None:
    facts = InputFacts(size=(21, 21), crop_fraction=0.875)
    assert load_pixels(scene(640, 480), facts, crop=False).shape == (24, 32, 3)
    assert load_pixels(scene(30, 20), facts, crop=False).shape == (20, 30, 3)


@pytest.mark.parametrize(("side", "reduction"), [(None, 1), (500, 1), (300, 2), (150, 4), (75, 8), (10, 8)])
def test_a_jpeg_is_decoded_no_larger_than_needed(side: int | None, reduction: int) -> None:
    picture = open_picture(encoded(scene(800, 600), "JPEG"), at_least=side)
    assert picture.reduction == reduction
    assert picture.planes[0].size == (800 // reduction, 600 // reduction)
    assert (picture.header.width, picture.header.height) == (800, 600)


@settings(max_examples=25, deadline=None)
@given(size=st.tuples(st.integers(40, 700), st.integers(40, 700)), orientation=st.integers(1, 8))
def test_the_reduced_scale_changes_little(size: tuple[int, int], orientation: int) -> None:
    raw = oriented(scene(*size), orientation)
    facts = InputFacts(size=(32, 32))
    small, full = (load_pixels(raw, facts, draft=draft).astype(int) for draft in (True, False))
    assert np.abs(small - full).mean() < 3


@pytest.mark.parametrize(
    "facts",
    [
        InputFacts(),
        InputFacts(size=(192, 224), crop_fraction=0.9, interpolation="bicubic"),
        InputFacts(size=(100, 100), crop_mode="squash", crop_fraction=0.95, interpolation="bicubic"),
        InputFacts(size=(256, 256), crop_fraction=1.0, interpolation="lanczos"),
    ],
)
def test_without_draft_a_photo_is_what_timm_makes_of_it(facts: InputFacts, shared_data: Path) -> None:
    from timm.data import create_transform

    transform = create_transform(
        (3, *facts.size),
        crop_pct=facts.crop_fraction,
        crop_mode=facts.crop_mode,
        interpolation=facts.interpolation,
        normalize=False,
    )
    photos = sorted((shared_data / "flowers5" / "test").rglob("*.jpg"))[::60]
    assert len(photos) >= 5
    for photo in photos:
        with Image.open(photo) as image:
            theirs = transform(image.convert("RGB")).permute(1, 2, 0).numpy().astype(int)
        ours = load_pixels(photo.read_bytes(), facts, draft=False).astype(int)
        assert np.abs(ours - theirs).max() <= 2
        assert np.abs(load_pixels(photo.read_bytes(), facts) - theirs).mean() < 1


BROKEN = {
    "nothing": (b"", "zero bytes"),
    "text": (b"Sunflowers are yellow.\n" * 50, "not a picture (starts with plain text)"),
    "Chinese text": ("向日葵是黄色的。".encode() * 60, "not a picture (starts with plain text)"),
    "a web page": (b"<!DOCTYPE html><html>404</html>", "not a picture (starts like an HTML page)"),
    "a PDF": (b"%PDF-1.7 ...", "not a picture (a PDF file)"),
    "an SVG": (b'<?xml version="1.0"?><svg width="9"/>', "not a picture (an SVG drawing)"),
    "zeros": (bytes(5000), "not a picture (starts with nothing but zeros)"),
    "noise": (bytes(range(128, 256)) * 9, "not a picture (of no known format)"),
    "an HEIC photo": (b"\0\0\0\x18ftypheic\0\0\0\0" + bytes(40), "HEIC, which is not supported: convert it to JPEG or PNG"),
    "a bomb": (
        png_of_claimed_size(30_000, 30_000),
        "decompression bomb: 30000 x 30000 pixels, the limit is 300 megapixels (HEADSTART_MAX_PIXELS sets another)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_picture_is_named(name: str) -> None:
    raw, reason = BROKEN[name]
    for load in (open_picture, lambda raw: load_pixels(raw, SMALL)):
        with pytest.raises(PictureError) as error:
            load(raw)  # type: ignore[operator]
        assert error.value.reason == reason


@pytest.mark.parametrize("format", ["JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP", "AVIF"])
@pytest.mark.parametrize("part", [0.01, 0.5, 0.8])
def test_a_truncated_file_is_an_error(format: str, part: float) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 96, 3), dtype=np.uint8)
    raw = encoded(noise, format)
    with pytest.raises(PictureError, match="truncated|damaged|not a picture") as error:
        load_pixels(raw[: int(len(raw) * part)], SMALL)
    assert error.value.kind in ("truncated", "damaged", "not a picture")


@pytest.mark.parametrize("draft", [True, False])
def test_a_truncated_jpeg_with_an_end_marker_is_an_error_too(draft: bool) -> None:
    raw = encoded(np.random.default_rng(0).integers(0, 256, (640, 960, 3), dtype=np.uint8), "JPEG")
    with pytest.raises(PictureError, match="truncated JPEG"):
        load_pixels(raw[: len(raw) // 2] + b"\xff\xd9", SMALL, draft=draft)


def test_stray_bytes_after_a_jpeg_do_no_harm() -> None:
    raw = encoded(scene(), "JPEG")
    assert (load_pixels(raw + b"stray" * 9, SMALL) == load_pixels(raw, SMALL)).all()


def test_the_limit_of_pixels_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADSTART_MAX_PIXELS", "1000")
    for format in ("JPEG", "PNG"):
        with pytest.raises(PictureError, match="64 x 48 pixels"):
            load_pixels(encoded(scene(), format), SMALL)


def test_pillow_keeps_its_own_limit() -> None:
    before = Image.MAX_IMAGE_PIXELS
    with pytest.raises(PictureError):
        open_picture(png_of_claimed_size(30_000, 30_000))
    assert before == Image.MAX_IMAGE_PIXELS


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
