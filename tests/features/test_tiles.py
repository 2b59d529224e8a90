from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from headstart.core.card import InputFacts
from headstart.features.tiles import MOST_TILES, SHARED, TiledPreparation, tile_starts, view_picture

FACTS = InputFacts(size=(64, 96), scale=0.5)


def picture(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 255, (height, width, 3), np.uint8)


@given(st.integers(1, 3000), st.integers(8, 400))
def test_tiles_cover_a_side_and_share_enough(length: int, tile: int) -> None:
    starts = tile_starts(length, tile)
    assert starts[0] == 0
    if length <= tile:
        assert starts == [0]
        return
    assert starts[-1] + tile == length
    assert all(0 < step <= tile * (1 - SHARED) + 1 for step in np.diff(starts))


def test_a_picture_as_in_training_is_seen_whole() -> None:
    (view,) = view_picture(picture(128, 192), FACTS).views
    assert view.fitted.pixels.shape == (64, 96, 3)
    assert len(view_picture(picture(250, 380), FACTS).views) == 1, "less than twice as large"
    assert len(view_picture(picture(2000, 2000), InputFacts(size=(64, 96))).views) == 1, "nothing is known of training"


def test_a_far_larger_picture_is_seen_in_tiles_at_the_scale_of_training() -> None:
    raw = picture(512, 600)
    found = view_picture(raw, FACTS)
    assert found.size == (512, 600)
    for view in found.views[1:]:
        assert view.fitted.size == (128, 192)
        assert view.fitted.factors == (0.5, 0.5)
        part = raw[view.top : view.top + 128, view.left : view.left + 192].astype(float)
        small = part.reshape(64, 2, 96, 2, 3).mean((1, 3))
        assert np.abs(small - view.fitted.pixels).mean() < 20
    assert {view.top + 128 for view in found.views[1:]} >= {128, 512}


def test_there_is_an_end_to_tiles() -> None:
    assert len(view_picture(picture(3000, 3000), FACTS).views) <= MOST_TILES + 1


def test_batches_hold_every_picture_once() -> None:
    preparation = TiledPreparation(FACTS)
    items = preparation.prepare([picture(128, 192), picture(512, 600), picture(192, 128), picture(100, 192)])
    batches = preparation.batches(items, device="cpu")
    assert sorted(np.concatenate(batches).tolist()) == [0, 1, 2, 3]
    for batch in batches:
        inputs = preparation.collate([items[place] for place in batch], device="cpu")
        assert len(inputs) == sum(len(items[place].views) for place in batch)
        assert inputs.shape[2] % 32 == inputs.shape[3] % 32 == 0
