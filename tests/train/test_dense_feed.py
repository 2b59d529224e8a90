"""Batches of whole pictures with their targets: the same whatever the threads, each target where its picture is."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch

from headstart.core.card import InputFacts
from headstart.core.errors import DataError
from headstart.core.targets import column_of
from headstart.data.columns import ArrayColumn
from headstart.train.dense_feed import VARIATIONS, DenseFeed, DenseSettings
from headstart.train.placement import Placement, place_mask

FACTS = InputFacts(size=(64, 64))


def picture(place: int) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int16]]:
    """A bright square on black, and where it is."""
    mask = np.zeros((40, 80), np.int16)
    mask[10:30, 10 + place : 34 + place] = 1
    return np.repeat((mask[:, :, None] * 255).astype(np.uint8), 3, axis=2), mask


def feed(variation: str, *, threads: int = 2, side: int | None = None) -> DenseFeed:
    pairs = [picture(5 * place) for place in range(6)]

    def place(mask: Any, placement: Placement) -> torch.Tensor:
        return torch.from_numpy(place_mask(mask, placement))

    settings = DenseSettings(FACTS, VARIATIONS[variation], side=side, threads=threads)  # type: ignore[index]
    return DenseFeed(
        ArrayColumn([pixels for pixels, _ in pairs]), column_of([mask for _, mask in pairs]), settings, place
    )


CHUNKS = [np.array([0, 3]), np.array([5])]


@pytest.mark.parametrize("variation", ["none", "flip", "crop", "strong"])
def test_the_target_is_where_the_picture_is(variation: str) -> None:
    for batch in feed(variation).batches(CHUNKS, epoch=0, device="cpu"):
        assert isinstance(batch.inputs, torch.Tensor)
        assert len(batch.targets) == len(batch.inputs)
        for pixels, target in zip(batch.inputs, batch.targets, strict=True):
            assert target.shape == pixels.shape[1:]
            bright = pixels.mean(dim=0)
            inside, outside = bright[target == 1], bright[target == 0]
            if len(inside) > 20 and len(outside) > 20:
                assert inside.median() > outside.median() + 1


def test_threads_change_nothing_and_epochs_do() -> None:
    def all_of(threads: int, epoch: int) -> torch.Tensor:
        batches = feed("strong", threads=threads).batches(CHUNKS, epoch=epoch, device="cpu")
        return torch.cat([torch.as_tensor(batch.inputs).flatten() for batch in batches])

    assert torch.equal(all_of(1, 0), all_of(3, 0))
    assert not torch.equal(all_of(1, 0), all_of(1, 1))


def test_training_pictures_may_have_a_size_of_their_own() -> None:
    batch = next(feed("crop", side=96).batches(CHUNKS, epoch=0, device="cpu"))
    assert torch.as_tensor(batch.inputs).shape == (2, 3, 96, 96)


def test_without_an_augmentation_pictures_keep_their_shape() -> None:
    batch = next(feed("none").batches(CHUNKS, epoch=0, device="cpu"))
    assert torch.as_tensor(batch.inputs).shape == (2, 3, 32, 64)


def test_a_picture_that_cannot_be_read_any_more_is_named() -> None:
    broken = DenseFeed(
        ArrayColumn([np.zeros((0, 0, 3), np.uint8)]), column_of([None]), DenseSettings(FACTS), lambda *_: None
    )
    with pytest.raises(DataError, match="row 0 cannot be read"):
        next(broken.batches([np.array([0])], epoch=0, device="cpu"))
