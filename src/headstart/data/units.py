"""What must stay on one side of a split: equal pictures, and all pictures of a group."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from headstart.core.dataset import Indices

Content = npt.NDArray[np.uint8]
Keys = npt.NDArray[np.bytes_]


@dataclass(frozen=True)
class Units:
    """For N items in U units: `of` int64 (N,) is each item's unit, `hashes` float64 (U,) lie in [0, 1).

    `keys` uint8 (U, 16) say which unit it is: a picture's content, or a hash of the group's name. `linked` int64 (U,)
    has the same number for units that are linked by equal pictures; they have the same hash.
    """

    of: Indices
    hashes: npt.NDArray[np.float64]
    keys: Content
    linked: Indices

    def __len__(self) -> int:
        return len(self.hashes)


def content_keys(content: Content) -> Keys:
    """Rows of uint8 (N, 16) as one value each, which can be sorted and compared."""
    return np.ascontiguousarray(content, np.uint8).view("S16").ravel()


def group_keys(names: Iterable[str]) -> Content:
    """uint8 (G, 16): a hash of each group's name."""
    digests = [hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=16).digest() for name in names]
    return np.frombuffer(b"".join(digests), np.uint8).reshape(-1, 16)


def content_units(content: Content) -> Units:
    """One unit for each distinct content, hashed by that content."""
    values, of = np.unique(content_keys(content), return_inverse=True)
    keys = values.view(np.uint8).reshape(-1, 16)
    return Units(of.astype(np.int64), _fractions(keys), keys, np.arange(len(keys), dtype=np.int64))


def group_units(content: Content, *, groups: npt.NDArray[np.int32], names: Sequence[str]) -> Units:
    """One unit for each group, hashed by the group's name; linked groups share the lowest of their hashes."""
    present, of = np.unique(groups, return_inverse=True)
    keys = group_keys(names[code] for code in present)
    linked = linked_groups(content, of)
    lowest = np.ones(linked.max(initial=-1) + 1)
    np.minimum.at(lowest, linked, _fractions(keys))
    return Units(of.astype(np.int64), lowest[linked], keys, linked)


def linked_groups(content: Content, groups: Indices) -> Indices:
    """int64 (G,): a number for each of the groups 0..G-1, the same for groups that are linked by equal pictures."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    count = int(groups.max(initial=-1)) + 1
    pictures = content_units(content)
    size = count + len(pictures)
    links = coo_array((np.ones(len(groups), np.int8), (groups, count + pictures.of)), shape=(size, size))
    _, component = connected_components(links, directed=False)
    return np.asarray(component[:count], np.int64)


def merge_linked(units: Units, fixed: npt.NDArray[np.int8]) -> tuple[Units, npt.NDArray[np.int8]]:
    """Linked units as one, and what part each is fixed to; `fixed` int8 (U,) is -1 for units that are not.

    Units that were fixed to different parts before they came to be linked stay apart; the others join the one with the
    lowest key.
    """
    known = np.flatnonzero(fixed >= 0)
    leaders = np.full(units.linked.max(initial=-1) + 1, -1, np.int8)
    falling = known[np.argsort(content_keys(units.keys[known]), kind="stable")[::-1]]
    leaders[units.linked[falling]] = fixed[falling]  # the last of several values for one place stays
    parts = np.where(fixed >= 0, fixed, leaders[units.linked])
    _, first, merged = np.unique(units.linked * 8 + parts, return_index=True, return_inverse=True)
    whole = Units(merged[units.of].astype(np.int64), units.hashes[first], units.keys[first], units.linked[first])
    return whole, parts[first].astype(np.int8)


def _fractions(keys: Content) -> npt.NDArray[np.float64]:
    """Numbers in [0, 1) from the first 53 bits, which is what a float64 can hold."""
    numbers = np.ascontiguousarray(keys[:, :8]).view(">u8").ravel().astype(np.uint64)
    return (numbers >> np.uint64(11)) / np.float64(2**53)
