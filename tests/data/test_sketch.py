"""Sketches: the same for a picture however it is stored, different for different pictures, absent for plain ones."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy.fft import dctn

from headstart.data.decode import open_picture
from headstart.data.sketch import LENGTH, hashes, likeness, sketches, thumbnail
from tests.data.photos import encoded, scene


def sketch_of(raw: object) -> np.ndarray:
    return sketches(thumbnail(open_picture(raw).planes)[None])  # type: ignore[arg-type]


def alike(first: object, second: object) -> float:
    drawn = np.concatenate([sketch_of(first), sketch_of(second)])
    return float(likeness(drawn, np.array([0]), np.array([1]))[0])


def test_it_is_the_low_corner_of_the_cosine_transform() -> None:
    small = np.random.default_rng(0).random((3, 32, 32)).astype(np.float32) * 255
    waves = dctn(small, axes=(1, 2), norm="ortho")
    for drawn, wave in zip(sketches(small), waves, strict=True):
        low = sorted(
            ((down + across, down, across) for down in range(12) for across in range(12) if down + across),
        )[:LENGTH]
        expected = np.array([wave[down, across] for _, down, across in low])
        assert np.abs(drawn - expected * 127 / np.abs(expected).max()).max() <= 1


@pytest.mark.parametrize(
    "change",
    [
        lambda image: encoded(image, "JPEG", quality=50),
        lambda image: encoded(image.resize((120, 90)), "JPEG"),
        lambda image: encoded(image.resize((480, 360), Image.Resampling.BICUBIC), "WEBP"),
        lambda image: encoded(image.convert("L")),
        lambda image: encoded(image.point(lambda shade: shade * 3 // 4)),
        lambda image: np.asarray(image.convert("L")).astype(np.uint16) * 100,
    ],
    ids=["JPEG", "smaller", "larger", "grey", "darker", "sixteen bits"],
)
@pytest.mark.parametrize("seed", range(4))
def test_a_picture_stored_in_another_way_looks_alike(change: object, seed: int) -> None:
    photo = Image.fromarray(scene(240, 180, seed=seed))
    other = change(photo)  # type: ignore[operator]
    assert alike(encoded(photo), other) >= 0.995
    assert np.bitwise_count(hashes(sketch_of(encoded(photo))) ^ hashes(sketch_of(other)))[0] <= 4


@settings(max_examples=25, deadline=None)
@given(seeds=st.lists(st.integers(0, 10_000), min_size=2, max_size=2, unique=True))
def test_different_pictures_do_not(seeds: list[int]) -> None:
    assert alike(encoded(scene(seed=seeds[0])), encoded(scene(seed=seeds[1]))) < 0.98


@pytest.mark.parametrize(
    "plain",
    [
        np.full((40, 40), 130, np.uint8),
        np.linspace(0, 255, 1600).reshape(40, 40).astype(np.uint8),
        (128 + np.random.default_rng(0).integers(-1, 2, (400, 400))).astype(np.uint8),
    ],
    ids=["flat", "gradient", "faint noise"],
)
def test_plain_pictures_have_no_sketch(plain: np.ndarray) -> None:
    assert not sketch_of(plain).any()


def test_transparent_pictures_are_looked_at_on_white() -> None:
    clear = np.dstack([scene(), np.zeros((48, 64), np.uint8)])
    assert not sketch_of(encoded(clear)).any()


def test_the_hash_holds_the_signs() -> None:
    drawn = np.zeros((1, 64), np.int8)
    drawn[0, [0, 63]], drawn[0, 5] = 9, -9
    assert hashes(drawn)[0] == (1 << 63) | 1


def test_sketches_of_several_are_those_of_each() -> None:
    small = np.random.default_rng(0).random((5, 32, 32)).astype(np.float32) * 255
    together = sketches(small)
    assert (together == np.concatenate([sketches(one[None]) for one in small])).all()
    assert hashes(together).tolist() == [int(hashes(one[None])[0]) for one in together]
