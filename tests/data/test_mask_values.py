from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from headstart.data.decode import _TURNS
from headstart.data.mask_values import NO_CLASS, NO_COLOUR, colour_name, facts_of, read_mask, turned
from headstart.data.picture import PictureError
from tests.data.mask_files import encoded, numbers


def test_grey_numbers_and_their_counts() -> None:
    facts = facts_of(read_mask(encoded(numbers([0, 3, 3]))))
    assert facts.values.tolist() == [0, 3]
    assert facts.counts.tolist() == [32, 64]
    assert facts.size == (12, 8)
    assert not facts.coloured
    assert facts.palette is None


def test_sixteen_bits() -> None:
    raw = read_mask(encoded(numbers([0, 1]).astype(np.uint16) * 300))
    assert np.unique(raw.values).tolist() == [0, 300]


def test_black_and_white_of_one_bit() -> None:
    raw = read_mask(encoded(Image.fromarray(numbers([0, 255])).convert("1")))
    assert np.unique(raw.values).tolist() == [0, 1]


def test_a_palette_gives_its_numbers_and_colours() -> None:
    image = Image.new("P", (12, 8))
    image.putdata(numbers([0, 1, 2]).ravel().tolist())
    image.putpalette([0, 0, 0, 128, 0, 0, 0, 128, 64])
    raw = read_mask(encoded(image))
    assert np.unique(raw.values).tolist() == [0, 1, 2]
    assert raw.palette is not None
    assert [colour_name(int(raw.palette[value])) for value in (1, 2)] == ["128 0 0", "0 128 64"]


def test_a_palette_that_is_filled_up_gives_no_colour_to_what_is_beyond() -> None:
    image = Image.fromarray(numbers([0, 1]))
    image.putpalette([0, 0, 0, 128, 0, 0, *[0] * 254 * 3])
    palette = read_mask(encoded(image)).palette
    assert palette is not None
    assert palette[[0, 1, 2, 254, 255]].tolist() == [0, 128 << 16, NO_COLOUR, NO_COLOUR, NO_CLASS]
    image.putpalette([255, 255, 255, *[0] * 255 * 3])
    palette = read_mask(encoded(image)).palette
    assert palette is not None
    assert palette[[0, 1, 255]].tolist() == [0xFFFFFF, 0, 0], "black is there just once"


def test_colours_are_numbers_of_red_green_and_blue() -> None:
    pixels = np.zeros((8, 12, 3), np.uint8)
    pixels[:, 6:] = (128, 64, 7)
    raw = read_mask(encoded(pixels))
    assert raw.coloured
    assert [colour_name(value) for value in np.unique(raw.values)] == ["0 0 0", "128 64 7"]


def test_numbers_stored_three_times_are_numbers() -> None:
    raw = read_mask(encoded(np.repeat(numbers([0, 5])[..., None], 3, axis=2)))
    assert not raw.coloured
    assert np.unique(raw.values).tolist() == [0, 5]


def test_jpeg_smears() -> None:
    assert read_mask(encoded(numbers([0, 255]), "JPEG")).lossy
    assert not read_mask(encoded(numbers([0, 255]))).lossy


def test_what_is_no_mask() -> None:
    with pytest.raises(PictureError):
        read_mask(b"no picture")
    with pytest.raises(PictureError):
        read_mask(encoded(np.random.default_rng(0).integers(0, 9, (40, 40)).astype(np.uint8))[:200])
    with pytest.raises(PictureError, match="whole numbers"):
        read_mask(encoded(Image.new("F", (3, 3)), "TIFF"))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_turned_as_pillow_turns_pictures(orientation: int) -> None:
    pixels = np.arange(15, dtype=np.uint8).reshape(3, 5)
    image = Image.fromarray(pixels)
    expected = image.transpose(_TURNS[orientation]) if orientation > 1 else image
    assert (turned(pixels, orientation) == np.asarray(expected)).all()
