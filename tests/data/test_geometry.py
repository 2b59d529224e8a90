"""Which part of a picture a model sees, against timm's own transform, and for pictures of extreme shapes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from headstart.core.card import InputFacts
from headstart.data.decode import CropBox, load_pixels
from tests.data.photos import encoded, scene


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


def test_a_crop_is_the_part_of_the_upright_picture() -> None:
    facts = InputFacts(size=(24, 32))
    assert (load_pixels(scene(), facts, crop=CropBox(0.5, 0, 0.5, 0.5)) == scene()[:24, 32:]).all()


def test_the_whole_picture_is_reduced_but_never_enlarged() -> None:
    facts = InputFacts(size=(21, 21), crop_fraction=0.875)
    assert load_pixels(scene(640, 480), facts, crop=False).shape == (24, 32, 3)
    assert load_pixels(scene(30, 20), facts, crop=False).shape == (20, 30, 3)


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
