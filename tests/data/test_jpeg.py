"""JPEG at reduced scale, and JPEG that ends early."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.core.card import InputFacts
from headstart.data.decode import PictureError, load_pixels, open_picture
from tests.data.photos import encoded, oriented, scene

SMALL = InputFacts(size=(20, 24), crop_fraction=0.9)


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


@pytest.mark.parametrize("draft", [True, False])
def test_a_truncated_jpeg_with_an_end_marker_is_an_error_too(draft: bool) -> None:
    raw = encoded(np.random.default_rng(0).integers(0, 256, (640, 960, 3), dtype=np.uint8), "JPEG")
    with pytest.raises(PictureError, match="truncated JPEG"):
        load_pixels(raw[: len(raw) // 2] + b"\xff\xd9", SMALL, draft=draft)


def test_stray_bytes_after_a_jpeg_do_no_harm() -> None:
    raw = encoded(scene(), "JPEG")
    assert (load_pixels(raw + b"stray" * 9, SMALL) == load_pixels(raw, SMALL)).all()
