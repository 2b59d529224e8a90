"""Items of rare labels more often: repeat-factor sampling (Gupta et al. 2019)."""

from __future__ import annotations

from collections.abc import Generator, Sequence

import numpy as np
import numpy.typing as npt

from headstart.core.dataset import Indices
from headstart.train.feed import Batch, Feed

MOST = 4


def repeats(presence: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """How often (N,) each item is seen in an epoch, from which labels (N, C) it has anything of.

    A label asks for the root of how much rarer it is than the most frequent one, and an item gets what its rarest label
    asks for, up to four times.
    """
    frequency = presence.sum(axis=0, dtype=np.float64)
    if not presence.size or not frequency.any():
        return np.ones(len(presence), np.int64)
    wanted = np.sqrt(frequency.max() / np.maximum(frequency, 1))
    factor = np.where(presence > 0, wanted, 1.0).max(axis=1)
    return np.asarray(np.clip(np.rint(factor), 1, MOST), np.int64)


class RepeatedFeed:
    """Another feed, some of whose items come several times an epoch."""

    def __init__(self, feed: Feed, times: npt.NDArray[np.int64]) -> None:
        self._feed = feed
        self._items = np.repeat(np.arange(len(times), dtype=np.int64), times)
        self.lengths = None if feed.lengths is None else feed.lengths[self._items]

    def __len__(self) -> int:
        return len(self._items)

    def batches(self, chunks: Sequence[Indices], *, epoch: int, device: str) -> Generator[Batch]:
        """The other feed's batches."""
        yield from self._feed.batches([self._items[chunk] for chunk in chunks], epoch=epoch, device=device)
