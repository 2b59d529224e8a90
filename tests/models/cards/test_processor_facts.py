"""Input facts against what the image processors of transformers do to a picture."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from headstart.core.card import InputFacts
from headstart.core.errors import ModelError
from headstart.models.cards.processor_facts import facts_of

USUAL = {
    "do_resize": True,
    "size": {"shortest_edge": 40},
    "do_center_crop": True,
    "crop_size": {"height": 32, "width": 32},
    "do_rescale": True,
    "rescale_factor": 1 / 255,
    "do_normalize": True,
    "image_mean": [0.4, 0.5, 0.6],
    "image_std": [0.2, 0.3, 0.4],
    "resample": 3,
}
STRETCHED = {**USUAL, "size": {"height": 32, "width": 32}, "do_center_crop": False}

PROCESSORS: dict[str, dict[str, Any]] = {
    "MobileNetV1ImageProcessor": USUAL,
    "BitImageProcessor": USUAL,
    "ViTImageProcessor": {key: value for key, value in STRETCHED.items() if "crop" not in key},
    "DeiTImageProcessor": {**USUAL, "size": {"height": 40, "width": 40}},
    "ConvNextImageProcessor": {
        **{key: value for key, value in USUAL.items() if "crop" not in key},
        "size": {"shortest_edge": 32},
        "crop_pct": 0.8,
    },
    "PoolFormerImageProcessor": {**USUAL, "size": {"shortest_edge": 32}, "crop_pct": 0.8},
    "EfficientNetImageProcessor": {
        **STRETCHED,
        "rescale_factor": 1 / 127.5,
        "rescale_offset": True,
        "include_top": False,
    },
}


def prepare(picture: Image.Image, facts: InputFacts) -> np.ndarray[Any, np.dtype[np.float64]]:
    """What `InputFacts` promises, step by step."""
    height, width = (round(side / facts.crop_fraction) for side in facts.size)
    if facts.crop_mode == "center":
        scale = height / min(picture.size)
        width, height = (round(side * scale) for side in picture.size)
    resized = picture.resize((width, height), Image.Resampling[facts.interpolation.upper()])
    left, top = ((side - want) / 2 for side, want in zip(resized.size, facts.size[::-1], strict=True))
    left, top = round(left), round(top)
    cropped = resized.crop((left, top, left + facts.size[1], top + facts.size[0]))
    values = np.asarray(cropped, dtype=np.float64) / 255
    return ((values - facts.mean) / facts.std).transpose(2, 0, 1)


def smooth(width: int, height: int) -> Image.Image:
    """A picture of slow waves, whose value at a place depends on the place, and little on how it is resampled."""
    x, y = np.linspace(0, 3, width), np.linspace(0, 2, height)
    waves = [np.sin(x[None] + y[:, None]), np.cos(x[None] - y[:, None]), np.sin(x[None]) * np.cos(y[:, None])]
    return Image.fromarray((np.stack(waves, -1) * 120 + 128).astype(np.uint8))


@pytest.mark.parametrize("size", [(120, 80), (80, 120), (96, 96)])
@pytest.mark.parametrize("kind", PROCESSORS)
def test_the_facts_are_what_the_library_does(kind: str, size: tuple[int, int]) -> None:
    import transformers

    processor = getattr(transformers, kind)(**PROCESSORS[kind])
    facts = facts_of(processor.to_dict(), channels=3, fixed=False, own_size=(32, 32))
    picture = smooth(*size)
    theirs = processor(picture, return_tensors="np")["pixel_values"][0]
    ours = prepare(picture, facts)
    assert ours.shape == theirs.shape
    # One grey level is 1 / 255 / 0.2 here; cropping a pixel beside the centre moves a slow wave by about as much.
    assert np.abs(ours - theirs).max() < 0.12
    assert np.abs(ours - theirs).mean() < 0.03


def facts(**changes: Any) -> InputFacts:
    return facts_of({**USUAL, **changes}, channels=3, fixed=False, own_size=(24, 20))


def test_shorter_side_and_crop() -> None:
    found = facts()
    assert (found.size, found.crop_fraction, found.crop_mode) == ((32, 32), 0.8, "center")
    assert (found.mean, found.std, found.interpolation) == ((0.4, 0.5, 0.6), (0.2, 0.3, 0.4), "bicubic")


def test_resizing_both_sides_squashes() -> None:
    found = facts(size={"height": 32, "width": 48}, do_center_crop=False)
    assert (found.size, found.crop_fraction, found.crop_mode) == ((32, 48), 1.0, "squash")


def test_a_shorter_side_without_a_crop_is_cropped_square() -> None:
    found = facts(do_center_crop=False)
    assert (found.size, found.crop_fraction) == ((40, 40), 1.0)


def test_a_crop_larger_than_the_picture_takes_nothing_away() -> None:
    found = facts(crop_size={"height": 64, "width": 64})
    assert (found.size, found.crop_fraction) == ((40, 40), 1.0)


def test_no_resizing_takes_the_size_of_the_network() -> None:
    assert facts(do_resize=False, do_center_crop=False).size == (24, 20)


def test_a_large_convnext_is_stretched() -> None:
    found = facts(size={"shortest_edge": 384}, do_center_crop=False, crop_pct=0.875)
    assert (found.size, found.crop_fraction, found.crop_mode) == ((384, 384), 1.0, "squash")


def test_no_normalisation_and_no_rescaling() -> None:
    assert facts(do_normalize=False).mean == (0.0, 0.0, 0.0)
    assert facts(do_normalize=False).std == (1.0, 1.0, 1.0)
    unscaled = facts(do_normalize=False, do_rescale=False)
    assert unscaled.std == pytest.approx((1 / 255,) * 3)


@pytest.mark.parametrize(
    ("number", "name"),
    list(enumerate(["nearest", "lanczos", "bilinear", "bicubic", "box", "hamming"])),
)
def test_interpolations_are_pillows(number: int, name: str) -> None:
    assert facts(resample=number).interpolation == name
    assert Image.Resampling[name.upper()] == number


@given(st.integers(8, 600), st.integers(8, 600))
def test_the_crop_fraction_leads_back_to_the_pixels(crop: int, edge: int) -> None:
    found = facts(size={"shortest_edge": edge}, crop_size={"height": crop, "width": crop})
    assert found.size == (min(crop, edge),) * 2
    assert math.floor(found.size[0] / found.crop_fraction) == edge


def test_what_cannot_be_expressed_is_refused() -> None:
    with pytest.raises(ModelError, match="crops"):
        facts(size={"height": 40, "width": 80})
    with pytest.raises(ModelError, match="resizes to"):
        facts(size={"longest_edge": 32})
    with pytest.raises(ModelError, match="resamples"):
        facts(resample=9)


def test_channels_that_the_normalisation_does_not_name_take_the_mean() -> None:
    found = facts_of(USUAL, channels=1, fixed=True, own_size=(1, 1))
    assert found.mean == pytest.approx((0.5,))
    assert found.std == pytest.approx((0.3,))
    assert (found.channels, found.fixed_size) == (1, True)
