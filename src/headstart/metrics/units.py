"""What counts as one piece of evidence: an item, or a group of items that belong together."""

from __future__ import annotations

import numpy as np

from headstart.metrics.outcome import Integers


def units_of(items: int, groups: Integers | None) -> tuple[Integers, int]:
    """The unit (N,) of each item, and how many units there are. A negative code is an item on its own."""
    if groups is None:
        return np.arange(items), items
    codes = np.asarray(groups, np.int64).copy()
    if codes.shape != (items,):
        raise ValueError(f"groups of shape {codes.shape} for {items} items")
    alone = codes < 0
    codes[alone] = codes.max(initial=0) + 1 + np.arange(int(alone.sum()))
    different, unit_of = np.unique(codes, return_inverse=True)
    return unit_of, len(different)


def blocks_of(unit_of: Integers, units: int, *, most: int, seed: int = 0) -> tuple[Integers, int]:
    """Units put together at random where there are more than `most` of them."""
    if units <= most:
        return unit_of, units
    block_of = np.random.default_rng(seed).permutation(units) % most
    return block_of[unit_of], most
