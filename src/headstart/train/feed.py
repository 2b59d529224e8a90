"""Where batches come from: pictures decoded ahead of the computation, or features out of the cache."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from headstart.core.dataset import Indices
from headstart.models.backbone import Features


@dataclass(frozen=True)
class Batch:
    """Inputs (normalised pictures (N, C, H, W), or features) and targets: int64 (N,), or float32 (N, C) of 0 and 1."""

    inputs: Tensor | Features
    targets: Tensor


class Feed(Protocol):
    """Training items, numbered from 0."""

    def __len__(self) -> int: ...

    def batches(self, chunks: Sequence[Indices], *, epoch: int, device: str) -> Generator[Batch]:
        """One batch for each chunk of item numbers, in order; `epoch` (from 0) decides augmentation."""
        ...


class FeatureRows(Protocol):
    """Features on disk or in memory, row by row."""

    def rows(self, indices: Indices) -> npt.NDArray[np.floating[Any]]:
        """Float (N, D)."""
        ...


def epoch_order(items: int, *, seed: int, epoch: int) -> Indices:
    """The order in which the items are seen in this epoch (from 0): a permutation that only seed and epoch decide."""
    return (
        np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, epoch)))).permutation(items).astype(np.int64)
    )


def split_order(order: Indices, size: int, *, join_single: bool = False) -> list[Indices]:
    """Cut an order into batches of `size`; the last may be smaller.

    With `join_single` a last batch of one item joins the one before it: batch normalisation cannot be trained on one.
    """
    starts = list(range(0, len(order), size))
    if join_single and len(starts) > 1 and len(order) - starts[-1] == 1:
        starts.pop()
    return np.split(order, starts[1:])


def target_tensor(targets: npt.NDArray[Any]) -> Tensor:
    """Targets as the losses want them: int64 class indices, or float32 0 and 1."""
    return torch.from_numpy(targets.astype(np.int64 if targets.ndim == 1 else np.float32))


class FeatureFeed:
    """Cached features of a frozen backbone: training a head touches no picture."""

    def __init__(self, table: FeatureRows, targets: npt.NDArray[Any], *, indices: Indices | None = None) -> None:
        """`indices` are the rows of the training items in the table (None: all of them), `targets` theirs."""
        self._table = table
        self._indices = np.arange(len(targets), dtype=np.int64) if indices is None else indices
        self._targets = target_tensor(targets)

    def __len__(self) -> int:
        return len(self._targets)

    def batches(self, chunks: Sequence[Indices], *, epoch: int, device: str) -> Generator[Batch]:
        """One batch of `Features` for each chunk."""
        del epoch
        for chunk in chunks:
            rows = np.asarray(self._table.rows(self._indices[chunk]), dtype=np.float32)
            targets = self._targets[torch.from_numpy(chunk)]
            yield Batch(Features(pooled=torch.from_numpy(rows).to(device)), targets.to(device))
