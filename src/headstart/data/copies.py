"""Which items are one picture, and where copies of an item lie: exact and near duplicates, taken together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from headstart.core.dataset import Indices
from headstart.data.item_facts import ItemFacts

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Seen:
    """Of M items asked about: `exact` and `near` (M,) say how each is seen elsewhere, `copy` (M,) names one such item.

    An item whose bytes are elsewhere counts as exact, whatever else is near; `copy` is -1 where there is none.
    """

    exact: Mask
    near: Mask
    copy: Indices


@dataclass(frozen=True)
class Copies:
    """The duplicates of N scanned items."""

    facts: ItemFacts

    @cached_property
    def exact_groups(self) -> list[Indices]:
        """Items with the same bytes: groups of at least two, in the order of their first items."""
        return _groups(self.facts.first_copies)

    @cached_property
    def near_groups(self) -> list[Indices]:
        """Items that are near duplicates of each other, directly or through others; the first copies only."""
        pairs = self.facts.near_pairs
        size = len(self.facts)
        links = coo_array((np.ones(len(pairs), np.bool_), (pairs[:, 0], pairs[:, 1])), shape=(size, size))
        _, of = connected_components(links, directed=False)
        first = np.full(of.max(initial=-1) + 1, size, np.int64)
        np.minimum.at(first, of, np.arange(size))
        return _groups(first[of])

    def seen(self, items: Indices, *, among: Indices) -> Seen:
        """Which of the items (M,) have a duplicate among the others, and one of these."""
        firsts = self.facts.first_copies
        holder = np.full(len(self.facts), -1, np.int64)  # for the first of each set of copies: one copy that is there
        holder[firsts[among[::-1]]] = among[::-1]
        exact_copy = holder[firsts[items]]
        near_holder = np.full(len(self.facts), -1, np.int64)
        first, second = self.facts.near_pairs.T
        for left, right in ((first, second), (second, first)):
            there = holder[right] >= 0
            near_holder[left[there]] = holder[right[there]]
        near_copy = near_holder[firsts[items]]
        exact = exact_copy >= 0
        return Seen(exact, ~exact & (near_copy >= 0), np.where(exact, exact_copy, near_copy))


def _groups(first: Indices) -> list[Indices]:
    """Rows (N,) that name the first member of their group -> groups of at least two."""
    return list(_runs(np.argsort(first, kind="stable"), first))


def _runs(order: Indices, first: Indices) -> Iterator[Indices]:
    _, starts, counts = np.unique(first[order], return_index=True, return_counts=True)
    for start, count in zip(starts[counts > 1], counts[counts > 1], strict=True):
        yield order[start : start + count]
