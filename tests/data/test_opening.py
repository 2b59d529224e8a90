"""Recognising pictures: what is none is named, what is too large is refused, what lies on its side is turned."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from headstart.core.card import InputFacts
from headstart.data.decode import PictureError, load_pixels, open_picture
from tests.data.photos import encoded, oriented, png_of_claimed_size, scene

SMALL = InputFacts(size=(20, 24), crop_fraction=0.9)


BROKEN = {
    "nothing": (b"", "zero bytes"),
    "text": (b"Sunflowers are yellow.\n" * 50, "not a picture (starts with plain text)"),
    "Chinese text": ("向日葵是黄色的。".encode() * 60, "not a picture (starts with plain text)"),
    "a web page": (b"<!DOCTYPE html><html>404</html>", "not a picture (starts like an HTML page)"),
    "a PDF": (b"%PDF-1.7 ...", "not a picture (a PDF file)"),
    "an SVG": (b'<?xml version="1.0"?><svg width="9"/>', "not a picture (an SVG drawing)"),
    "zeros": (bytes(5000), "not a picture (starts with nothing but zeros)"),
    "noise": (bytes(range(128, 256)) * 9, "not a picture (of no known format)"),
    "an HEIC photo": (
        b"\0\0\0\x18ftypheic\0\0\0\0",
        "HEIC, which is not supported: convert it to JPEG or PNG",
    ),
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


@pytest.mark.parametrize("format", ["JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP", "AVIF"])
@pytest.mark.parametrize("part", [0.01, 0.5, 0.8])
def test_a_truncated_file_is_an_error(format: str, part: float) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 96, 3), dtype=np.uint8)
    raw = encoded(noise, format)
    with pytest.raises(PictureError, match="truncated|damaged|not a picture") as error:
        load_pixels(raw[: int(len(raw) * part)], SMALL)
    assert error.value.kind in ("truncated", "damaged", "not a picture")


@pytest.mark.parametrize("format", ["JPEG", "PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_are_turned_upright(format: str, orientation: int) -> None:
    stored = scene(64, 48)
    turned = {
        1: stored, 2: stored[:, ::-1], 3: stored[::-1, ::-1], 4: stored[::-1],
        5: stored.transpose(1, 0, 2), 6: stored[::-1].transpose(1, 0, 2),
        7: stored[::-1, ::-1].transpose(1, 0, 2), 8: stored.transpose(1, 0, 2)[::-1],
    }[orientation]  # fmt: skip
    raw = oriented(stored, orientation, format)
    header = open_picture(raw).header
    assert (header.height, header.width) == turned.shape[:2]
    assert header.orientation == orientation
    facts = InputFacts(size=turned.shape[:2], crop_mode="squash", crop_fraction=1.0)
    assert np.abs(load_pixels(raw, facts).astype(int) - turned).mean() < 6
