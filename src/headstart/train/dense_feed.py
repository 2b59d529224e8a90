"""Whole pictures with their boxes or masks as batches: changed together, decoded ahead of the computation."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from headstart.core.card import InputFacts
from headstart.core.dataset import Indices, InputColumn
from headstart.core.runtime import cores
from headstart.core.strategy import Augmentation
from headstart.features.letterbox import Fitted, fit_picture, padded_size
from headstart.features.pictures import normalise, stack_pictures
from headstart.train.ahead import made_ahead
from headstart.train.augment import jitter_colours, sample_generator
from headstart.train.feed import Batch
from headstart.train.kept_pictures import KeptPictures
from headstart.train.placement import Placement, drawn, place_pixels, whole

Together = Callable[[Any, Placement], Any]
"""A target of the dataset and a placement -> the target in the canvas, as the loss of the task wants it."""


MIRRORED = 0.5


@dataclass(frozen=True)
class Variation:
    """How much a picture and its target are changed: see `placement.drawn`; `jitter` is that of colours."""

    scales: tuple[float, float] = (1.0, 1.0)
    stretch: float = 1.0
    flip: bool = False
    jitter: float = 0.0


VARIATIONS: dict[Augmentation, Variation] = {
    "none": Variation(),
    "flip": Variation(flip=True),
    "crop": Variation(scales=(0.6, 1.6), stretch=1.2, flip=True),
    "strong": Variation(scales=(0.4, 2.0), stretch=1.4, flip=True, jitter=0.3),
}


@dataclass(frozen=True)
class DenseSettings:
    """How pictures become inputs. Decoded ones are kept while they fit in `memory_share` of the memory that is free.

    The training pictures of an epoch have one size: `side` times `side` where it is given, else that of the facts,
    brought to a multiple of 32; without an augmentation, pictures keep their shape and are padded.
    """

    facts: InputFacts
    variation: Variation = VARIATIONS["none"]
    side: int | None = None
    seed: int = 0
    memory_share: float = 0.4
    threads: int | None = None


class DenseFeed:
    """What it yields depends on seed, epoch and item only, never on the threads."""

    lengths: npt.NDArray[np.int64] | None = None

    def __init__(
        self, inputs: InputColumn, targets: npt.NDArray[np.object_], settings: DenseSettings, place: Together
    ) -> None:
        """`place` puts a target into the canvas; targets of pictures are in original pixels."""
        self._targets, self._settings, self._place = targets, settings, place
        self._fitted = KeptPictures(
            inputs,
            lambda raw: fit_picture(raw, settings.facts),
            size=lambda item: item.pixels.nbytes,
            share=settings.memory_share,
        )

    def __len__(self) -> int:
        return len(self._targets)

    @property
    def returns(self) -> bool:
        """Whether a picture comes back as it was before, or mirrored."""
        variation = self._settings.variation
        return variation.scales == (1.0, 1.0) and not variation.jitter

    def batches(self, chunks: Sequence[Indices], *, epoch: int, device: str) -> Generator[Batch]:
        """One batch for each chunk; its targets are a tuple. Raises `DataError` naming a picture that is unreadable."""
        threads = self._settings.threads or cores()
        for _, made in made_ahead(chunks, lambda chunk: self._batch(chunk, epoch), threads=threads):
            pictures, targets = made
            yield Batch(self.normalised(pictures, device), tuple(self.on(device, target) for target in targets))

    def mirrored(self, index: int, epoch: int) -> bool:
        """Whether a picture that comes back as it was is mirrored in this epoch."""
        settings = self._settings
        return settings.variation.flip and bool(sample_generator(settings.seed, epoch, index).random() < MIRRORED)

    def returned(self, index: int, *, mirrored: bool) -> tuple[npt.NDArray[Any], Any]:
        """A picture (H, W, C) that comes back, on a canvas that is the same for all, and its target there."""
        item, settings = self._fitted[index], self._settings
        side = settings.side if settings.variation.flip else None
        canvas = padded_size([(side, side) if side else settings.facts.size])
        placement = replace(self._placement(item, canvas, np.random.default_rng(0)), mirrored=mirrored)
        pixels = place_pixels(item.pixels, placement, np.array(settings.facts.mean))
        return pixels, self._place(self._targets[index], _of_original(placement, item))

    def normalised(self, pictures: npt.NDArray[Any], device: str) -> torch.Tensor:
        """Float32 (N, C, H, W) on the device, of pictures (N, H, W, C)."""
        return normalise(torch.from_numpy(pictures).to(device), self._settings.facts)

    def on(self, device: str, target: Any) -> Any:
        """A target on the device: tensors of it are moved there."""
        return torch.utils._pytree.tree_map_only(torch.Tensor, lambda value: value.to(device), target)

    def _batch(self, chunk: Indices, epoch: int) -> tuple[npt.NDArray[Any], tuple[Any, ...]]:
        items = [self._fitted[int(index)] for index in chunk]
        canvas = self._canvas(items)
        pictures, targets = [], []
        for item, index in zip(items, chunk, strict=True):
            generator = sample_generator(self._settings.seed, epoch, int(index))
            placement = self._placement(item, canvas, generator)
            pixels = place_pixels(item.pixels, placement, np.array(self._settings.facts.mean))
            if self._settings.variation.jitter:
                pixels = jitter_colours(pixels, self._settings.variation.jitter, generator)
            pictures.append(pixels)
            targets.append(self._place(self._targets[int(index)], _of_original(placement, item)))
        return stack_pictures(pictures), tuple(targets)

    def _canvas(self, items: Sequence[Fitted]) -> tuple[int, int]:
        if self._settings.variation == VARIATIONS["none"]:
            return padded_size([item.pixels.shape[:2] for item in items])
        side = self._settings.side
        return padded_size([(side, side) if side else self._settings.facts.size])

    def _placement(self, item: Fitted, canvas: tuple[int, int], generator: np.random.Generator) -> Placement:
        variation, size = self._settings.variation, item.pixels.shape[:2]
        if variation == VARIATIONS["none"]:
            return Placement(size, size, canvas)
        if variation.scales == (1.0, 1.0):
            placement = whole(size, canvas)
            return Placement(size, placement.scaled, canvas, mirrored=bool(generator.random() < MIRRORED))
        return drawn(size, canvas, generator, scales=variation.scales, stretch=variation.stretch, flip=variation.flip)


def _of_original(placement: Placement, item: Fitted) -> Placement:
    """The same placement, of the picture as it was before it was fitted: what its target's coordinates are about."""
    return Placement(
        item.size, placement.scaled, placement.canvas, placement.top, placement.left, mirrored=placement.mirrored
    )
