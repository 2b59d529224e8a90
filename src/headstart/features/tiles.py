"""Pictures far larger than those of the training, looked at in tiles as well as whole."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import Tensor

from headstart.core.card import InputFacts
from headstart.core.dataset import Indices
from headstart.data.decode import load_pixels, open_source
from headstart.features.letterbox import Fitted, LetterboxPreparation, fit_picture, padded_batch
from headstart.features.pictures import Pixels

FAR_LARGER = 2.0
"""A picture is cut into tiles where scaling it to fit would make its objects so many times smaller than in training."""
SHARED = 0.25
"""Of a tile's side, what its neighbour shows as well: an object up to that size is whole in one of them."""
MOST_TILES = 48


@dataclass(frozen=True)
class View:
    """A part of a picture made ready; `left` and `top` are where it begins in the original, in pixels."""

    fitted: Fitted
    left: int = 0
    top: int = 0


@dataclass(frozen=True)
class Viewed:
    """A picture of original `size` (height, width): the whole of it first, then tiles where it is far larger."""

    size: tuple[int, int]
    views: tuple[View, ...]


class TiledPreparation(LetterboxPreparation):
    """Whole pictures, and tiles of those that are far larger than what was trained on."""

    def prepare(self, raws: Sequence[Any]) -> list[Viewed]:  # type: ignore[override]
        """Each picture's views. Raises `PictureError` for the first that cannot be used."""
        return [view_picture(raw, self.facts) for raw in raws]

    def batches(self, prepared: Sequence[Viewed], *, device: str) -> list[Indices]:  # type: ignore[override]
        """Pictures without tiles that are padded to one size run together, all others alone."""
        single = [place for place, item in enumerate(prepared) if len(item.views) == 1]
        alone = [np.array([place]) for place, item in enumerate(prepared) if len(item.views) > 1]
        grouped = super().batches([prepared[place].views[0].fitted for place in single], device=device)
        return [*(np.array(single)[group] for group in grouped), *alone]

    def collate(self, prepared: Sequence[Viewed], *, device: str) -> Tensor:  # type: ignore[override]
        """Float32 (views, C, H, W), those of one picture after the other."""
        pixels = [view.fitted.pixels for item in prepared for view in item.views]
        return padded_batch(pixels, self.facts, device=device)


def view_picture(raw: Any, facts: InputFacts) -> Viewed:
    """A stored picture, scaled to fit, and its tiles where it is far larger than usual."""
    header = open_source(raw).header
    size = (header.height, header.width)
    whole = View(fit_picture(raw, facts))
    return Viewed(size, (whole, *_tiles(raw, size, facts)))


def tile_starts(length: int, tile: int) -> list[int]:
    """Where tiles along a side begin: evenly, so that neighbours share at least a quarter of a tile."""
    if length <= tile:
        return [0]
    count = math.ceil((length - SHARED * tile) / ((1 - SHARED) * tile))
    return [round(step * (length - tile) / (count - 1)) for step in range(count)]


def _tiles(raw: Any, size: tuple[int, int], facts: InputFacts) -> list[View]:
    if facts.scale is None or min(facts.size[0] / size[0], facts.size[1] / size[1]) * FAR_LARGER >= facts.scale:
        return []
    places = _places(size, facts)
    pixels = load_pixels(raw, _squashed(facts, size))
    return [_tile(pixels, place, facts) for place in places]


def _places(size: tuple[int, int], facts: InputFacts) -> list[tuple[int, int, int, int]]:
    """Top, left, height and width of each tile; they grow where there would be too many."""
    assert facts.scale is not None
    scale = facts.scale
    while True:
        high, wide = (min(round(side / scale), have) for side, have in zip(facts.size, size, strict=True))
        tops, lefts = tile_starts(size[0], high), tile_starts(size[1], wide)
        if len(tops) * len(lefts) <= MOST_TILES:
            return [(top, left, high, wide) for top in tops for left in lefts]
        scale /= 1.1


def _tile(pixels: Pixels, place: tuple[int, int, int, int], facts: InputFacts) -> View:
    top, left, high, wide = place
    factor = min(facts.size[0] / high, facts.size[1] / wide)
    scaled = _squashed(facts, (max(round(factor * high), 1), max(round(factor * wide), 1)))
    return View(Fitted(load_pixels(pixels[top : top + high, left : left + wide], scaled), (high, wide)), left, top)


def _squashed(facts: InputFacts, size: tuple[int, int]) -> InputFacts:
    return facts.model_copy(update={"size": size, "crop_mode": "squash", "crop_fraction": 1.0})
