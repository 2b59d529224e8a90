from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.core.card import InputFacts, TextInput
from headstart.core.dataset import Dataset, Part
from headstart.core.strategy import Augmentation, Strategy
from headstart.core.targets import Boxes, column_of
from headstart.data.columns import ArrayColumn
from headstart.train.box_feed import box_feed, placed
from headstart.train.placement import drawn
from headstart.train.repeated_feed import RepeatedFeed
from tests.tasks.detectors import Maps

FACTS = InputFacts(size=(64, 96), mean=(0.0,) * 3, std=(1.0,) * 3)


def bright(count: int, *, rare: int = 0) -> Dataset:
    """Dark pictures with one bright box each; the last `rare` ones are of another class."""
    random = np.random.default_rng(0)
    pictures, targets = [], []
    for place in range(count):
        picture = np.zeros((50, 80, 3), np.uint8)
        left, top = random.integers(0, 50), random.integers(0, 30)
        picture[top : top + 16, left : left + 24] = 255
        label = int(place >= count - rare)
        xyxy = np.array([[left, top, left + 24, top + 16]], np.float32)
        targets.append(Boxes(xyxy, np.array([label], np.int32), np.zeros(1, bool), size=(80, 50)))
        pictures.append(picture)
    parts = np.full(count, Part.TRAIN, np.int8)
    return Dataset("object-detection", ("a", "b"), ArrayColumn(pictures), column_of(targets), parts, "memory")


@pytest.mark.parametrize("augmentation", ["none", "flip", "crop", "strong"])
def test_boxes_stay_on_what_they_are_around(augmentation: Augmentation) -> None:
    feed = box_feed(bright(8), Maps(), FACTS, Strategy(method="full", augmentation=augmentation), 0)
    for epoch in range(3):
        (batch,) = feed.batches([np.arange(8)], epoch=epoch, device="cpu")
        assert batch.inputs.shape[1:] == (3, 64, 96)
        for pixels, target in zip(batch.inputs, batch.targets, strict=True):
            for left, top, right, bottom in target.xyxy.tolist():
                inside = pixels[:, round(top) : round(bottom), round(left) : round(right)]
                assert inside.numel() == 0 or inside.mean() > 0.75 * pixels.max()
            outside = pixels.clone()
            for left, top, right, bottom in target.xyxy.tolist():
                outside[:, max(int(top) - 2, 0) : int(bottom) + 3, max(int(left) - 2, 0) : int(right) + 3] = 0
            assert outside.mean() < 0.3


@settings(max_examples=50)
@given(st.integers(0, 10_000), st.booleans())
def test_a_box_goes_through_a_placement_and_back(seed: int, flip: bool) -> None:
    random = np.random.default_rng(seed)
    size = (int(random.integers(20, 200)), int(random.integers(20, 200)))
    placement = drawn(size, (96, 128), random, scales=(0.5, 1.0), stretch=1.3, flip=flip)
    corner = random.uniform(0, 0.6, 2) * size[::-1]
    xyxy = np.concatenate([corner, corner + random.uniform(0.1, 0.3, 2) * size[::-1]])[None].astype(np.float32)
    target = placed(Boxes(xyxy, np.array([3], np.int32), np.zeros(1, bool)), placement)
    assert target.labels.tolist() == [3]
    left, top, right, bottom = target.xyxy[0].tolist()
    if placement.mirrored:
        left, right = placement.canvas[1] - right, placement.canvas[1] - left
    window = placement.window
    covered = placement.top >= 0 and placement.left >= 0
    covered &= placement.top + placement.scaled[0] <= 96 and placement.left + placement.scaled[1] <= 128
    back = [
        (left - placement.left) * size[1] / placement.scaled[1],
        (top - placement.top) * size[0] / placement.scaled[0],
        (right - placement.left) * size[1] / placement.scaled[1],
        (bottom - placement.top) * size[0] / placement.scaled[0],
    ]
    assert window[2] > window[0]
    if covered:
        assert np.allclose(back, xyxy[0], atol=1e-2)


def test_pictures_of_a_rare_class_come_more_often() -> None:
    feed = box_feed(bright(20, rare=2), Maps(), FACTS, Strategy(method="full"), 0)
    assert isinstance(feed, RepeatedFeed)
    assert len(feed) == 18 + 2 * 3


def test_without_flips_nothing_is_mirrored() -> None:
    strategy = Strategy(method="full", augmentation="flip", flips=False)
    feed = box_feed(bright(4), Maps(), FACTS, strategy, 0)
    first, second = (next(iter(feed.batches([np.arange(4)], epoch=epoch, device="cpu"))) for epoch in (0, 5))
    assert [one.xyxy.tolist() for one in first.targets] == [one.xyxy.tolist() for one in second.targets]


def test_facts_of_texts_are_refused() -> None:
    with pytest.raises(ValueError, match="facts about pictures"):
        box_feed(bright(2), Maps(), TextInput(tokenizer="x"), Strategy(method="full"), 0)
