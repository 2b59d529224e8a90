"""Feature maps of a network that stays as it is: each picture passes through it once, and only the head is trained."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from headstart.core.dataset import Indices
from headstart.core.runtime import cores
from headstart.core.strategy import Strategy
from headstart.models.backbone import Backbone, Features
from headstart.train.ahead import made_ahead
from headstart.train.dense_feed import DenseFeed
from headstart.train.feed import Batch, Feed
from headstart.train.groups import rate_of
from headstart.train.layers import BODY, normalisation_names
from headstart.train.memory import free_memory

SHARE = 0.3
"""Of the memory that is free, what maps may take."""


def with_cached_maps(feed: DenseFeed, network: Backbone, strategy: Strategy) -> Feed:
    """The feed, which gives maps out of memory where no layer of the network moves and pictures come back as they were.

    They do where they are at most mirrored.
    """
    return CachedMaps(feed, network) if feed.returns and stays(network, strategy) else feed


def stays(network: Backbone, strategy: Strategy) -> bool:
    """Whether the network gives the same features all through the training."""
    if strategy.adapter is not None:
        return False
    names = [f"{BODY}{name}" for name, _ in (*network.named_parameters(), *network.named_buffers())]
    normalisation = normalisation_names(network)
    own = {name: name.removeprefix(BODY) in normalisation for name in names}
    return all(rate_of(name, strategy.rules, normalisation=own[name]) == (True, None) for name in names)


@dataclass(frozen=True)
class Kept:
    """The maps of a picture, finest first, each (C, H, W), and its target."""

    maps: tuple[Tensor, ...]
    target: Any

    @property
    def size(self) -> int:
        """Bytes."""
        leaves = torch.utils._pytree.tree_leaves((self.maps, self.target))
        return sum(leaf.nbytes for leaf in leaves if isinstance(leaf, Tensor))


class CachedMaps:
    """Batches of `Features`. What does not fit into memory any more is computed each time."""

    lengths: npt.NDArray[np.int64] | None = None

    def __init__(self, feed: DenseFeed, network: Backbone, *, share: float = SHARE) -> None:
        self._feed, self._network = feed, network
        self._kept: dict[tuple[int, bool], Kept] = {}
        self._room = int(share * free_memory())

    def __len__(self) -> int:
        return len(self._feed)

    def batches(self, chunks: Sequence[Indices], *, epoch: int, device: str) -> Generator[Batch]:
        """One batch for each chunk; its targets are a tuple. Raises `DataError` naming a picture that is unreadable."""

        def made(chunk: Indices) -> list[tuple[tuple[int, bool], Any]]:
            keys = [(int(index), self._feed.mirrored(int(index), epoch)) for index in chunk]
            return [(key, None if key in self._kept else self._feed.returned(key[0], mirrored=key[1])) for key in keys]

        for _, items in made_ahead(chunks, made, threads=cores()):
            kept = [self._of(key, item, device) for key, item in items]
            maps = tuple(torch.stack(level).to(device) for level in zip(*(one.maps for one in kept), strict=True))
            yield Batch(Features(maps=maps), tuple(self._feed.on(device, one.target) for one in kept))

    def _of(self, key: tuple[int, bool], item: tuple[npt.NDArray[Any], Any] | None, device: str) -> Kept:
        if key in self._kept:
            return self._kept[key]
        assert item is not None
        pixels, target = item
        # Each picture alone: what a layer gives may depend on the batch in its last bits, and a run that is taken up
        # again has other batches.
        kept = Kept(_maps(self._network, self._feed.normalised(np.ascontiguousarray(pixels)[None], device)), target)
        if kept.size <= self._room:
            self._room -= kept.size
            self._kept[key] = kept
        return kept


@torch.no_grad()
def _maps(network: Backbone, inputs: Tensor) -> tuple[Tensor, ...]:
    """The maps of one picture by the network as it is used, whatever mode it is in at the moment."""
    modes = [(module, module.training) for module in network.modules()]
    network.eval()
    try:
        found = network.forward_maps(inputs)
    finally:
        for module, training in modes:
            module.training = training
    assert found.maps is not None
    return tuple(level[0].float().cpu() for level in found.maps)
