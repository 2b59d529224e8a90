"""Features of N items as a table of which any part can be had, and of which nobody needs all at once."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from headstart.core.dataset import Indices
from headstart.core.ledger import Ledger
from headstart.features.segment import Rows
from headstart.features.store import Places


class FeatureTable(ABC):
    """N rows of `width` float32 features, in the order of the data set. `ledger` says what was repaired on the way.

    `pass_seconds` is how long one item took to be computed once, None where all came from the cache.
    """

    width: int
    ledger: Ledger
    pass_seconds: float | None = None

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def rows(self, indices: Indices) -> Rows:
        """Float32 (n, D), in the order of the indices; a copy that the caller may change."""

    def chunks(self, size: int, indices: Indices | None = None) -> Iterator[Rows]:
        """The rows at `indices` (None: all), at most `size` at a time."""
        wanted = np.arange(len(self), dtype=np.int64) if indices is None else indices
        for start in range(0, len(wanted), size):
            yield self.rows(wanted[start : start + size])


class StoredFeatures(FeatureTable):
    """Rows in memory-mapped files: tens of bytes an item in memory."""

    def __init__(self, places: Places, width: int, ledger: Ledger) -> None:
        if len(places.missing()):
            raise ValueError(f"{len(places.missing())} items have no features")
        self.width, self.ledger = width, ledger
        self._places = places

    def __len__(self) -> int:
        return len(self._places.segment)

    def rows(self, indices: Indices) -> Rows:
        """Float32 (n, D), in the order of the indices."""
        segments, places = self._places.segment[indices], self._places.row[indices]
        numbers = np.unique(segments)
        if len(numbers) == 1:
            return np.asarray(self._places.segments[numbers[0]].rows[places])
        rows = np.empty((len(segments), self.width), np.float32)
        for number in numbers:
            here = segments == number
            rows[here] = self._places.segments[number].rows[places[here]]
        return rows


class MeanFeatures(FeatureTable):
    """The mean of two tables of the same items, such as a picture's features and those of its mirror image."""

    def __init__(self, first: FeatureTable, second: FeatureTable) -> None:
        if (len(first), first.width) != (len(second), second.width):
            raise ValueError("tables of different items or widths have no mean")
        self.width, self.ledger = first.width, first.ledger + second.ledger
        self._first, self._second = first, second

    def __len__(self) -> int:
        return len(self._first)

    def rows(self, indices: Indices) -> Rows:
        """Float32 (n, D), in the order of the indices."""
        rows = self._first.rows(indices)
        rows += self._second.rows(indices)
        rows *= np.float32(0.5)
        return rows


class LastColumns(FeatureTable):
    """The last `width` columns of a table: the pooled features of rows that hold those of several layers."""

    def __init__(self, table: FeatureTable, width: int) -> None:
        if not 0 < width <= table.width:
            raise ValueError(f"a table of {table.width} columns has no last {width}")
        self.width, self.ledger = width, table.ledger
        self._table = table

    def __len__(self) -> int:
        return len(self._table)

    def rows(self, indices: Indices) -> Rows:
        """Float32 (n, D), in the order of the indices."""
        return np.ascontiguousarray(self._table.rows(indices)[:, -self.width :])


class SideBySide(FeatureTable):
    """The columns of several tables of the same items, one table after the other."""

    def __init__(self, tables: Sequence[FeatureTable]) -> None:
        if len({len(table) for table in tables}) != 1:
            raise ValueError("tables of different items cannot stand side by side")
        self.width, self.ledger = sum(table.width for table in tables), Ledger()
        for table in tables:
            self.ledger = self.ledger + table.ledger
        self._tables = tuple(tables)

    def __len__(self) -> int:
        return len(self._tables[0])

    def rows(self, indices: Indices) -> Rows:
        """Float32 (n, D), in the order of the indices."""
        return np.concatenate([table.rows(indices) for table in self._tables], axis=1)


class ArrayFeatures(FeatureTable):
    """An array (N, D) that is in memory already."""

    def __init__(self, array: npt.NDArray[Any]) -> None:
        self._array = np.asarray(array, np.float32)
        self.width, self.ledger = self._array.shape[1], Ledger()

    def __len__(self) -> int:
        return len(self._array)

    def rows(self, indices: Indices) -> Rows:
        """Float32 (n, D), in the order of the indices."""
        return self._array[indices]
