"""Pictures as batches: the same whatever the threads, decoded once where memory allows; errors name the item."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from headstart.core.card import InputFacts
from headstart.core.errors import DataError
from headstart.data.decode import load_pixels
from headstart.train.feed import split_order
from headstart.train.picture_feed import PictureFeed, PictureSettings

FACTS = InputFacts(size=(16, 16), crop_fraction=0.8, mean=(0.5, 0.4, 0.3), std=(0.2, 0.3, 0.4))


class Column:
    """PNG pictures in memory that counts how often each is read."""

    def __init__(self, pictures: Sequence[np.ndarray[Any, Any] | bytes]) -> None:
        self.raw = [item if isinstance(item, bytes) else encoded(item) for item in pictures]
        self.reads = [0] * len(pictures)

    def __len__(self) -> int:
        return len(self.raw)

    def name(self, index: int) -> str:
        return f"cats/{index}.png"

    def read(self, index: int) -> bytes:
        self.reads[index] += 1
        return self.raw[index]

    def stamp(self, index: int) -> None:
        return None

    def take(self, indices: np.ndarray[Any, Any]) -> Column:
        return Column([self.raw[int(index)] for index in indices])


def encoded(pixels: np.ndarray[Any, Any]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def column(items: int = 10) -> Column:
    generator = np.random.default_rng(0)
    return Column([generator.integers(0, 256, (24, 20 + item, 3), dtype=np.uint8) for item in range(items)])


def batches(feed: PictureFeed, *, epoch: int = 0, size: int = 3) -> list[torch.Tensor]:
    chunks = split_order(np.arange(len(feed)), size)
    return [batch.inputs for batch in feed.batches(chunks, epoch=epoch, device="cpu")]


def feed(source: Column, **settings: Any) -> PictureFeed:
    return PictureFeed(source, np.zeros(len(source), np.int32), PictureSettings(FACTS, **settings))


def test_without_augmentation_it_is_what_the_evaluation_sees() -> None:
    source = column()
    found = torch.cat(batches(feed(source)))
    for index in range(len(source)):
        pixels = load_pixels(source.raw[index], FACTS)
        expected = (pixels / 255 - np.array(FACTS.mean)) / np.array(FACTS.std)
        np.testing.assert_allclose(found[index].permute(1, 2, 0).numpy(), expected, atol=1e-5)


@pytest.mark.parametrize("augmentation", ["flip", "crop", "strong"])
def test_threads_never_change_results(augmentation: str) -> None:
    one = batches(feed(column(), augmentation=augmentation, threads=1), epoch=3)
    many = batches(feed(column(), augmentation=augmentation, threads=5, memory_share=0.0), epoch=3, size=2)
    assert torch.equal(torch.cat(one), torch.cat(many))


def test_epochs_and_seeds_are_augmented_differently() -> None:
    first = torch.cat(batches(feed(column(), augmentation="crop"), epoch=0))
    second = torch.cat(batches(feed(column(), augmentation="crop"), epoch=1))
    other = torch.cat(batches(feed(column(), augmentation="crop", seed=1), epoch=0))
    assert not torch.equal(first, second)
    assert not torch.equal(first, other)


@pytest.mark.parametrize(("share", "reads"), [(0.4, 1), (0.0, 3)])
def test_pictures_are_decoded_once_where_they_fit_in_memory_and_each_time_otherwise(share: float, reads: int) -> None:
    source = column()
    pictures = feed(source, augmentation="crop", memory_share=share)
    for epoch in range(3):
        batches(pictures, epoch=epoch)
    assert source.reads == [reads] * len(source)


def test_pictures_grow_over_the_epochs() -> None:
    pictures = feed(column(), augmentation="crop", sizes=(8, 12))
    shapes = [tuple(batches(pictures, epoch=epoch)[0].shape) for epoch in range(3)]
    assert shapes == [(3, 3, 8, 8), (3, 3, 12, 12), (3, 3, 12, 12)]


def test_a_picture_that_is_no_longer_readable_is_named() -> None:
    source = column()
    source.raw[4] = b"no picture at all"
    with pytest.raises(DataError, match=r"cats/4\.png cannot be read") as caught:
        batches(feed(source))
    assert "put it back" in caught.value.hint


def test_a_feed_that_is_left_early_ends_its_threads() -> None:
    import threading

    stream = feed(column(40), threads=3).batches(split_order(np.arange(40), 2), epoch=0, device="cpu")
    next(stream)
    stream.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("headstart-feed")]


def test_targets_follow_their_pictures() -> None:
    source = column()
    pictures = PictureFeed(source, np.arange(10, dtype=np.int32), PictureSettings(FACTS))
    (batch,) = pictures.batches([np.array([7, 2])], epoch=0, device="cpu")
    assert batch.targets.tolist() == [7, 2]


def test_inputs_are_in_channels_last_layout() -> None:
    assert batches(feed(column()))[0].is_contiguous(memory_format=torch.channels_last)
