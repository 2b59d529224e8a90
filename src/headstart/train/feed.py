"""Where batches come from: pictures decoded ahead of the computation, or features out of the cache."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from headstart.core.dataset import Indices
from headstart.models.backbone import Features

SORTED_TOGETHER = 16
"""Batches whose items are sorted by length together: among all, the same items would meet in every epoch."""


@dataclass(frozen=True)
class Batch:
    """Inputs (as `Backbone.forward` takes them, or features) and targets.

    Targets are int64 (N,), float32 (N, C) of 0 and 1, or where they are more than labels a tuple with one object an
    item, which the loss of the task understands.
    """

    inputs: Tensor | Features
    targets: Any


class PartOf(tuple[Any, ...]):
    """Targets of some of a step's items that know those of all: some losses are means over more than the items."""

    step: tuple[Any, ...]

    @classmethod
    def whole(cls, targets: Iterable[Any], step: tuple[Any, ...]) -> PartOf:
        """These targets, out of those of the step."""
        made = cls(targets)
        made.step = step
        return made

    def __getitem__(self, place: Any) -> Any:
        """One target; of several, what they are a part of stays known."""
        found = super().__getitem__(place)
        return self.whole(found, self.step) if isinstance(place, slice) else found


def knowing_the_step(batches: Sequence[Batch]) -> Sequence[Batch]:
    """Batches whose targets, where they are more than labels, know all targets of the step."""
    if isinstance(batches[0].targets, Tensor):
        return batches
    step = tuple(target for batch in batches for target in batch.targets)
    return [replace(batch, targets=PartOf.whole(batch.targets, step)) for batch in batches]


class Feed(Protocol):
    """Training items, numbered from 0; `lengths` (N,) are theirs where they are of different length, else None."""

    lengths: npt.NDArray[np.int64] | None

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


def chunks_of(feed: Feed, size: int, *, seed: int, epoch: int, join_single: bool = False) -> list[Indices]:
    """The items of each step of an epoch (from 0), by seed and epoch alone; items of like length are together."""
    order = epoch_order(len(feed), seed=seed, epoch=epoch)
    if feed.lengths is None:
        return split_order(order, size, join_single=join_single)
    window = SORTED_TOGETHER * size
    parts = [order[start : start + window] for start in range(0, len(order), window)]
    ordered = np.concatenate([part[np.argsort(feed.lengths[part], kind="stable")] for part in parts])
    chunks = split_order(ordered, size, join_single=join_single)
    steps = np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, epoch, 1)))).permutation(len(chunks))
    return [chunks[step] for step in steps]


def widest(feed: Feed, items: int) -> Indices:
    """So many items that take as much memory as any."""
    if feed.lengths is None:
        return np.arange(min(items, len(feed)), dtype=np.int64)
    return np.argsort(-feed.lengths, kind="stable")[:items].astype(np.int64)


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

    lengths: npt.NDArray[np.int64] | None = None

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
