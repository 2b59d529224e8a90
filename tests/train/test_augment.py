"""Each change of a picture, and that chance is the item's own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.train.augment import (
    LEVELS,
    augment,
    erase_box,
    jitter_colours,
    random_box,
    resized_crop,
    sample_generator,
)


def picture(height: int = 20, width: int = 30, channels: int = 3, dtype: type = np.uint8) -> np.ndarray:
    generator = np.random.default_rng(0)
    return generator.integers(0, np.iinfo(dtype).max, (height, width, channels), dtype=dtype, endpoint=True)


def test_no_augmentation_returns_the_picture() -> None:
    original = picture()
    assert augment(original, LEVELS["none"], (20, 30), sample_generator(0, 0, 0)) is original


def test_flips_are_mirror_images_and_about_half_of_all() -> None:
    original = picture()
    flipped = 0
    for index in range(200):
        changed = augment(original, LEVELS["flip"], (20, 30), sample_generator(0, 0, index))
        if not np.array_equal(changed, original):
            assert np.array_equal(changed, original[:, ::-1])
            flipped += 1
    assert 70 < flipped < 130


@pytest.mark.parametrize("level", ["crop", "strong"])
@pytest.mark.parametrize(("channels", "dtype"), [(1, np.uint8), (3, np.uint8), (3, np.uint16), (5, np.uint16)])
def test_crops_have_the_size_asked_for_and_keep_the_type(level: str, channels: int, dtype: type) -> None:
    for index in range(20):
        changed = augment(
            picture(channels=channels, dtype=dtype), LEVELS[level], (12, 16), sample_generator(1, 2, index)
        )
        assert changed.shape == (12, 16, channels)
        assert changed.dtype == dtype


@given(height=st.integers(1, 60), width=st.integers(1, 60), low=st.floats(0.01, 1), seed=st.integers(0, 1000))
def test_a_random_box_lies_inside_the_picture(height: int, width: int, low: float, seed: int) -> None:
    top, left, tall, wide = random_box((height, width), (low, 1.0), np.random.default_rng(seed))
    assert 0 <= top <= top + tall <= height
    assert 0 <= left <= left + wide <= width
    assert min(tall, wide) >= 1


def test_a_crop_of_one_colour_stays_that_colour_in_sixteen_bits() -> None:
    even = np.full((10, 10, 3), 51234, np.uint16)
    assert np.array_equal(resized_crop(even, (1, 2, 7, 5), (16, 16)), np.full((16, 16, 3), 51234, np.uint16))


def test_a_crop_of_the_size_asked_for_is_cut_out_unchanged() -> None:
    original = picture()
    assert np.array_equal(resized_crop(original, (2, 3, 8, 9), (8, 9)), original[2:10, 3:12])


def test_shrinking_averages_instead_of_skipping() -> None:
    stripes = np.zeros((64, 64, 1), np.uint8)
    stripes[:, ::2] = 200
    shrunk = resized_crop(stripes, (0, 0, 64, 64), (8, 8))
    assert np.all(np.abs(shrunk.astype(int) - 100) <= 4)


def test_colours_change_and_stay_in_range() -> None:
    original = picture()
    changed = jitter_colours(original, 0.4, np.random.default_rng(0))
    assert changed.dtype == np.uint8
    assert not np.array_equal(changed, original)
    assert np.array_equal(jitter_colours(original, 0.0, np.random.default_rng(0)), original)


def test_erasing_blanks_the_box_alone() -> None:
    original = picture()
    changed = erase_box(original, (2, 3, 4, 5))
    inside = np.zeros(original.shape[:2], bool)
    inside[2:6, 3:8] = True
    assert np.array_equal(changed[~inside], original[~inside])
    assert len(np.unique(changed[inside], axis=0)) == 1


def test_chance_depends_on_seed_epoch_and_item() -> None:
    drawn = {key: sample_generator(*key).random() for key in [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)]}
    assert len(set(drawn.values())) == 4
    assert sample_generator(0, 0, 0).random() == drawn[0, 0, 0]
