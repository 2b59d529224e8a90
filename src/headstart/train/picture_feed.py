"""Pictures as batches: decoded and augmented by threads while the network computes."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from headstart.core.card import InputFacts
from headstart.core.dataset import Indices, InputColumn
from headstart.core.runtime import cores
from headstart.core.strategy import Augmentation
from headstart.data.decode import load_pixels
from headstart.features.pictures import Pixels, normalise, stack_pictures
from headstart.train.ahead import made_ahead
from headstart.train.augment import augment, level_of, sample_generator
from headstart.train.feed import Batch, target_tensor
from headstart.train.kept_pictures import KeptPictures


@dataclass(frozen=True)
class PictureSettings:
    """How pictures are turned into inputs.

    `sizes` gives the side in pixels for each epoch where it changes during a run (progressive resizing); it needs an
    augmentation that crops. Decoded pictures are kept while they fit in `memory_share` of the memory that is free.
    """

    facts: InputFacts
    augmentation: Augmentation = "none"
    flips: bool = True
    seed: int = 0
    sizes: tuple[int, ...] = ()
    memory_share: float = 0.4
    threads: int | None = None


class PictureFeed:
    """Decodes ahead of the computation; what it yields depends on seed, epoch and item only, never on the threads."""

    lengths: npt.NDArray[np.int64] | None = None

    def __init__(self, inputs: InputColumn, targets: npt.NDArray[Any], settings: PictureSettings) -> None:
        self._targets = target_tensor(targets)
        self._settings = settings
        self._level = level_of(settings.augmentation, flips=settings.flips)
        whole = self._level.area is not None
        self._pixels = KeptPictures(
            inputs,
            lambda raw: load_pixels(raw, settings.facts, crop=not whole),
            size=lambda pixels: pixels.nbytes,
            share=settings.memory_share,
        )

    def __len__(self) -> int:
        return len(self._targets)

    def batches(self, chunks: Sequence[Indices], *, epoch: int, device: str) -> Generator[Batch]:
        """One batch of normalised float32 pictures for each chunk. Raises `DataError` naming one that is unreadable."""
        threads = self._settings.threads or cores()
        for chunk, made in made_ahead(chunks, lambda chunk: self._pictures(chunk, epoch), threads=threads):
            targets = self._targets[torch.from_numpy(chunk)]
            yield Batch(normalise(torch.from_numpy(made).to(device), self._settings.facts), targets.to(device))

    def _pictures(self, chunk: Indices, epoch: int) -> npt.NDArray[Any]:
        return stack_pictures([self._picture(int(index), epoch) for index in chunk])

    def _picture(self, index: int, epoch: int) -> Pixels:
        generator = sample_generator(self._settings.seed, epoch, index)
        return augment(self._pixels[index], self._level, self._size(epoch), generator)

    def _size(self, epoch: int) -> tuple[int, int]:
        if not self._settings.sizes:
            return self._settings.facts.size
        side = self._settings.sizes[min(epoch, len(self._settings.sizes) - 1)]
        return side, side
