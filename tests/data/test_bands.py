"""TIFF files of many bands give every band to a model that takes so many, the first three to others, or a reason."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import pytest

from headstart.core.card import InputFacts
from headstart.data.bands import banded_tiff
from headstart.data.decode import load_pixels, open_picture
from headstart.data.picture import PictureError
from tests.data.photos import encoded, scene
from tests.data.tiffs import tiff


def bands(count: int, dtype: type = np.uint8, height: int = 22, width: int = 35) -> np.ndarray:
    return np.random.default_rng(0).integers(0, np.iinfo(dtype).max, (height, width, count)).astype(dtype)


def whole(raw: bytes, channels: int, height: int = 22, width: int = 35) -> np.ndarray:
    facts = InputFacts(
        size=(height, width),
        crop_fraction=1.0,
        crop_mode="squash",
        interpolation="nearest",
        channels=channels,
        mean=(0.5,) * channels,
        std=(0.5,) * channels,
    )
    return load_pixels(raw, facts)


COMPRESSION = b"\x03\x01\x03\x00\x01\x00\x00\x00"
LAYOUTS: list[dict[str, Any]] = [
    {},
    {"compressed": True},
    {"compressed": True, "differences": True},
    {"apart": True},
    {"apart": True, "compressed": True, "differences": True},
    {"tile": 16},
    {"tile": 16, "compressed": True, "differences": True},
    {"tile": 16, "apart": True, "compressed": True, "differences": True},
]


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: "-".join(layout) or "plain")
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("order", ["<", ">"])
def test_all_bands_come_out_as_they_went_in(layout: dict[str, Any], dtype: type, order: str) -> None:
    array = bands(6, dtype)
    raw = tiff(array, order=order, extra=0, **layout)
    pixels = whole(raw, 6)
    assert pixels.dtype == dtype
    assert np.array_equal(pixels, array)
    assert np.array_equal(whole(raw, 3), array[:, :, :3])


@pytest.mark.parametrize(("count", "photometric", "extra"), [(3, 1, 0), (8, 1, 0), (5, 2, 0), (4, 2, 0), (7, 2, 2)])
def test_bands_beside_red_green_and_blue_are_not_lost(count: int, photometric: int, extra: int) -> None:
    array = bands(count)
    raw = tiff(array, photometric=photometric, extra=extra)
    assert np.array_equal(whole(raw, count), array)
    picture = open_picture(raw)
    assert (picture.header.mode, picture.header.width, picture.header.height) == (f"{count} bands", 35, 22)
    assert any("first three bands" in rule for rule in picture.conversions)


def test_floats_are_scaled_over_all_bands_together() -> None:
    array = np.zeros((22, 35, 5), np.float32)
    array[:, :, 1], array[:, :, 4] = 0.5, 1.0
    pixels = whole(tiff(array, extra=0), 5)
    assert [int(value) for value in pixels[0, 0]] == [0, 32768, 0, 0, 65535]


def test_the_first_of_several_pages_is_taken_and_that_is_told() -> None:
    raw = tiff(bands(5), extra=0)
    assert open_picture(raw).header.frames == 1
    number, start = len(raw), struct.unpack("<I", raw[4:8])[0]
    entries = struct.unpack("<H", raw[start : start + 2])[0]
    link = start + 2 + 12 * entries
    twice = raw[:link] + struct.pack("<I", number) + raw[link + 4 :] + raw[start:link] + bytes(4)
    assert open_picture(twice).header.frames == 2
    assert np.array_equal(whole(twice, 5), bands(5))
    around = raw[:link] + struct.pack("<I", start) + raw[link + 4 :]
    assert open_picture(around).header.frames == 1


def test_a_turned_file_is_turned_upright() -> None:
    array = bands(5)
    raw = tiff(array, extra=0, orientation=6)
    assert (open_picture(raw).header.width, open_picture(raw).header.height) == (22, 35)
    assert np.array_equal(whole(raw, 5, 35, 22), np.rot90(array, -1))


def test_what_pillow_has_a_colour_model_for_is_left_to_it() -> None:
    transparent = 2
    raw = tiff(bands(4), photometric=2, extra=transparent)
    assert banded_tiff(raw) is None
    assert open_picture(raw).header.mode == "RGBA"
    assert banded_tiff(encoded(scene(), "TIFF")) is None
    assert banded_tiff(encoded(scene(), "PNG")) is None


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (tiff(bands(17), extra=0), "a TIFF of 17 bands where 16 are the most"),
        (tiff(bands(5, np.uint32), extra=0), "neither of 8 or 16 bits nor 32-bit floats"),
        (tiff(bands(5), extra=0).replace(COMPRESSION + b"\1", COMPRESSION + b"\7"), "compressed as JPEG"),
    ],
)
def test_what_cannot_be_read_says_why(raw: bytes, reason: str) -> None:
    with pytest.raises(PictureError, match=reason):
        open_picture(raw)


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow warns before it fails
@pytest.mark.parametrize("length", [60, 900])
def test_a_damaged_file_is_refused(length: int) -> None:
    raw = tiff(bands(6), extra=0, compressed=True)
    cut = raw[:8] + bytes(length) + raw[8 + length :]
    with pytest.raises(PictureError):
        open_picture(cut)
    with pytest.raises(PictureError):
        open_picture(raw[:-length])


def test_a_bomb_is_refused_unopened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADSTART_MAX_PIXELS", "500")
    with pytest.raises(PictureError, match="decompression bomb: 35 x 22"):
        open_picture(tiff(bands(6), extra=0))
    monkeypatch.setenv("HEADSTART_MAX_PIXELS", str(22 * 35))
    assert np.array_equal(whole(tiff(bands(6), extra=0), 6), bands(6))
