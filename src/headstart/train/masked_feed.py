"""Texts, one after the other, as windows of tokens of which some are left out, others in every epoch."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from headstart.core.dataset import Indices, InputColumn
from headstart.data.text import text_of
from headstart.models.texts.tokenizer import Tokenizer
from headstart.models.texts.vocabulary import END, MASK, SPECIAL, START
from headstart.train.augment import sample_generator
from headstart.train.feed import Batch

TOGETHER = 1024
UNBOUNDED = 2**20
REPLACED, KEPT = 0.1, 0.1
"""Of the tokens to guess: those that another stands for, and those that are there; the rest is masked."""
Ids = npt.NDArray[np.int64]


@dataclass(frozen=True)
class MaskedSettings:
    """`length` tokens a window, of which the share `masked` has to be guessed, out of a vocabulary of `tokens`."""

    length: int
    masked: float
    tokens: int
    seed: int = 0


def packed(inputs: InputColumn, tokenizer: Tokenizer, *, length: int) -> Ids:
    """Windows (M, length): the texts one after the other, each with an end, cut where a window is full.

    The last window is filled up from the beginning. No text is left out, and no window holds padding.
    """
    start, end = SPECIAL.index(START), SPECIAL.index(END)
    found: list[npt.NDArray[np.int32]] = []
    for first in range(0, len(inputs), TOGETHER):
        raws = [text_of(inputs.read(index)) for index in range(first, min(first + TOGETHER, len(inputs)))]
        for windows in tokenizer.windows(raws, length=UNBOUNDED):
            found += [window[0, 1:] for window in windows]  # without the start; the end stands between texts
    stream = np.concatenate(found).astype(np.int64)
    inside = length - 2
    number = -(-len(stream) // inside)
    filled = np.resize(stream, number * inside).reshape(number, inside)
    edges = np.ones((number, 1), np.int64)
    return np.concatenate([start * edges, filled, end * edges], axis=1)


class MaskedFeed:
    """Windows (N, 2, T) of ids and of 1 where a token has to be guessed; the targets (N, K) are what stood there."""

    lengths: npt.NDArray[np.int64] | None = None

    def __init__(self, windows: Ids, settings: MaskedSettings) -> None:
        self._windows, self._settings = windows, settings
        self._asked = max(round(settings.masked * (settings.length - 2)), 1)

    def __len__(self) -> int:
        return len(self._windows)

    def batches(self, chunks: Sequence[Indices], *, epoch: int, device: str) -> Generator[Batch]:
        """One batch for each chunk; what is left out depends on seed, epoch and window only."""
        for chunk in chunks:
            made = [self._masked(int(index), epoch) for index in chunk]
            inputs = torch.from_numpy(np.stack([pair[0] for pair in made]))
            targets = torch.from_numpy(np.stack([pair[1] for pair in made]))
            yield Batch(inputs.to(device), targets.to(device))

    def _masked(self, index: int, epoch: int) -> tuple[Ids, Ids]:
        window = self._windows[index]
        generator = sample_generator(self._settings.seed, epoch, index)
        order = generator.random(len(window))
        order[window < len(SPECIAL)] += 1  # asked for only where there is nothing else
        order[[0, -1]] += 1
        asked = np.sort(np.argsort(order, kind="stable")[: self._asked])
        fate = generator.random(self._asked)
        others = generator.integers(len(SPECIAL), self._settings.tokens, self._asked)
        seen = np.where(fate < REPLACED, others, np.where(fate < REPLACED + KEPT, window[asked], SPECIAL.index(MASK)))
        inputs = np.stack([window, np.zeros_like(window)])
        inputs[0, asked], inputs[1, asked] = seen, 1
        return inputs, window[asked]
