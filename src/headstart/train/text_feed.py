"""Texts as batches of windows: a thread makes them into tokens while the network computes."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from headstart.core.dataset import Indices, InputColumn
from headstart.core.errors import DataError
from headstart.data.text import joined, text_of
from headstart.features.preparation import Preparation
from headstart.train.ahead import made_ahead
from headstart.train.augment import sample_generator
from headstart.train.feed import Batch, target_tensor

MOST_CHARACTERS = 8
"""Characters a token, at most, that are counted: longer texts are not sorted by what a window does not hold."""


@dataclass(frozen=True)
class TextSettings:
    """How texts are turned into inputs.

    With `one_window` a text longer than a window is seen through one at a time, drawn anew for each epoch; otherwise
    through all of them. `length` is that of a window in tokens.
    """

    length: int
    one_window: bool = True
    seed: int = 0


class TextFeed:
    """Texts become tokens ahead of the computation; what it yields depends on seed, epoch and item only."""

    def __init__(
        self, inputs: InputColumn, targets: npt.NDArray[Any], preparation: Preparation, settings: TextSettings
    ) -> None:
        self._inputs, self._targets = inputs, target_tensor(targets)
        self._preparation, self._settings = preparation, settings
        self.lengths: npt.NDArray[np.int64] | None = self._characters()

    def __len__(self) -> int:
        return len(self._targets)

    def batches(self, chunks: Sequence[Indices], *, epoch: int, device: str) -> Generator[Batch]:
        """One batch of windows for each chunk. Raises `DataError` naming a text that is unreadable."""
        for chunk, windows in made_ahead(chunks, lambda chunk: self._windows(chunk, epoch), threads=1):
            inputs = self._preparation.collate(windows, device=device)
            yield Batch(inputs, self._targets[chunk].to(device))

    def _windows(self, chunk: Indices, epoch: int) -> list[Any]:
        prepared = self._preparation.prepare([self._read(int(index)) for index in chunk])
        if not self._settings.one_window:
            return prepared
        return [self._drawn(windows, int(index), epoch) for index, windows in zip(chunk, prepared, strict=True)]

    def _drawn(self, windows: list[Any], index: int, epoch: int) -> list[Any]:
        """One window, by the tokens in each: the short one at the end comes less often."""
        if len(windows) == 1:
            return windows
        sizes = np.array([window.shape[1] for window in windows], np.float64)
        generator = sample_generator(self._settings.seed, epoch, index)
        return [windows[int(generator.choice(len(windows), p=sizes / sizes.sum()))]]

    def _read(self, index: int) -> Any:
        try:
            return text_of(self._inputs.read(index))
        except (DataError, OSError) as error:
            raise DataError(
                f"{self._inputs.name(index)} cannot be read: {error}.",
                hint="It was readable when the data were scanned: put it back, or load the data again.",
            ) from error

    def _characters(self) -> npt.NDArray[np.int64]:
        most = MOST_CHARACTERS * self._settings.length
        found = [min(len(joined(self._read(index))), most) for index in range(len(self._inputs))]
        return np.array(found, np.int64)
