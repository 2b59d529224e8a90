from __future__ import annotations

import numpy as np
import torch

from headstart.core.targets import IGNORED
from headstart.features.letterbox import Fitted
from headstart.features.tiles import View, Viewed
from headstart.models.backbone import Features
from headstart.tasks.pixel_rows import A_CLASS, A_PICTURE, pixel_rows
from tests.pixels import Pixels

SHAPES = (((48, 96), (24, 48)), ((64, 80), (64, 80)))


def batch() -> tuple[Features, list[Viewed], np.ndarray]:
    """The maps tell where they are: the column, and the row, of a cell of the padded input (64 x 96)."""
    maps = []
    for stride in (4, 16):
        rows, columns = (torch.arange(side // stride) * stride + stride / 2 for side in (64, 96))
        maps.append(torch.stack(torch.meshgrid(rows, columns, indexing="ij"))[None].repeat(2, 1, 1, 1))
    first, second = (Fitted(np.zeros((*shape, 3), np.uint8), size) for shape, size in SHAPES)
    items = [Viewed(one.size, (View(one),)) for one in (first, second)]
    random = np.random.default_rng(0)
    masks = np.empty(2, object)
    masks[:] = [Pixels(random.integers(-1, 3, item.size).astype(np.int16)) for item in items]
    return Features(maps=tuple(maps)), items, masks


def test_rows_are_the_features_at_the_pixels() -> None:
    features, items, masks = batch()
    rows = pixel_rows(features, items, masks)
    assert rows.groups is not None
    assert rows.x.shape == (len(rows.y), 4)
    assert set(rows.y.tolist()) == {0, 1, 2}
    for x, y, group in zip(rows.x, rows.y, rows.groups, strict=True):
        row, column = (
            int(place // factor)
            for place, factor in zip(x[:2], items[group].views[0].fitted.factors[::-1], strict=True)
        )
        if 2 < x[0] < 46 and 2 < x[1] < 78:  # nearer to the edge than half a cell, the outermost one is all there is
            assert masks[group].pixels()[row, column] == y


def test_classes_alike_and_never_what_is_ignored() -> None:
    features, items, masks = batch()
    rows = pixel_rows(features, items, masks)
    assert rows.groups is not None
    for group in (0, 1):
        assert np.bincount(rows.y[rows.groups == group]).tolist() == [min(A_CLASS, A_PICTURE // 3)] * 3
    masks[:] = [Pixels(np.full(item.size, IGNORED, np.int16)) for item in items]
    assert pixel_rows(features, items, masks).x.shape == (0, 4)


def test_the_same_pixels_for_every_network() -> None:
    features, items, masks = batch()
    other = Features(maps=tuple(one * 2 for one in features.maps or ()))
    first, second = pixel_rows(features, items, masks), pixel_rows(other, items, masks)
    assert (first.y == second.y).all()
    np.testing.assert_allclose(first.x * 2, second.x)


def test_of_a_picture_in_tiles_the_whole_is_taken() -> None:
    features, items, masks = batch()
    plain = pixel_rows(features, items, masks)
    tiled = [Viewed(items[0].size, (*items[0].views, items[0].views[0])), items[1]]
    maps = tuple(torch.cat([one[:1], one[:1] * 9, one[1:]]) for one in features.maps or ())
    np.testing.assert_array_equal(pixel_rows(Features(maps=maps), tiled, masks).x, plain.x)
