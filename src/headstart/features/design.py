"""The training rows of a probe, standardised, in a form that solvers pass over as often as they like.

Few rows are kept in memory, in coordinates in which they are uncorrelated; many are read from the table again on every
pass, so that memory does not grow with their number.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from headstart.core.dataset import Indices
from headstart.core.runtime import cores
from headstart.features.linear import Doubles, Linear
from headstart.features.table import FeatureTable

MOST_IN_MEMORY = 4 * 1024 * 1024
CHUNK_BYTES = 4 * 1024 * 1024
MOST_ROTATED = 2048
SAMPLE_OF_SPECTRUM = 16384
NEGLIGIBLE = 1e-6
"""A deviation, as a share of the feature's mean or of the largest deviation, that says nothing of the rows."""

Result = TypeVar("Result")
Work = Callable[[slice, npt.NDArray[Any]], Result]


@dataclass(frozen=True)
class Scaling:
    """The mean and the standard deviation (1 where it is 0) of every feature, each (D,)."""

    mean: npt.NDArray[Any]
    deviation: npt.NDArray[Any]

    def raw(self, linear: Linear) -> Linear:
        """A classifier of standardised features as one of raw features."""
        weight = linear.weight / self.deviation
        return Linear(weight, linear.bias - weight @ self.mean)


@dataclass(frozen=True)
class Shape:
    """What is known of the rows as a whole: they are `width` coordinates with mean 0.

    `rotation` (width, r) leads to coordinates in which the rows are uncorrelated, with mean squares `spectrum` (r,);
    None where they are so already, or where there are too many coordinates to find out.
    """

    width: int
    spectrum: Doubles
    rotation: Doubles | None = None


class Design(ABC):
    """N rows. Parts of a design keep the coordinates and the shape of the whole."""

    shape: Shape
    in_memory: bool

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def take(self, positions: Indices) -> Design:
        """Just these rows, in this order."""

    @abstractmethod
    def each(self, work: Work[Result], *, exact: bool = False) -> Iterator[Result]:
        """What `work` makes of the rows, some at a time: it gets which they are, and the rows; `exact` as float64."""

    @abstractmethod
    def raw(self, linear: Linear) -> Linear:
        """The classifier of these coordinates as one of the raw features."""

    def scores(self, linear: Linear) -> npt.NDArray[np.float32]:
        """Float32 (N, K)."""

        def work(_: slice, rows: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
            return np.asarray(rows @ linear.weight.T.astype(rows.dtype) + linear.bias, np.float32)

        return np.concatenate(list(self.each(work)))


class MemoryDesign(Design):
    """Rows in memory, rotated to as many coordinates as they span."""

    in_memory = True

    def __init__(self, rows: Doubles, shape: Shape, basis: Doubles, scaling: Scaling) -> None:
        self._rows, self._basis, self._scaling = rows, basis, scaling
        self.shape = shape

    @classmethod
    def of(cls, rows: npt.NDArray[Any], scaling: Scaling) -> MemoryDesign:
        """The design of raw features (N, D)."""
        basis, rotated = _rotated((rows.astype(np.float64) - scaling.mean) / scaling.deviation)
        return cls(rotated, Shape(rotated.shape[1], np.square(rotated).mean(axis=0)), basis, scaling)

    def __len__(self) -> int:
        return len(self._rows)

    def take(self, positions: Indices) -> MemoryDesign:
        """Just these rows, in this order."""
        return MemoryDesign(self._rows[positions], self.shape, self._basis, self._scaling)

    def each(self, work: Work[Result], *, exact: bool = False) -> Iterator[Result]:
        """What `work` makes of all rows at once: they are float64 in any case."""
        del exact
        yield work(slice(0, len(self)), self._rows)

    def raw(self, linear: Linear) -> Linear:
        """The classifier of these coordinates as one of the raw features."""
        return self._scaling.raw(Linear(linear.weight @ self._basis.T, linear.bias))


class StreamDesign(Design):
    """Rows read from the table again on every pass, a few MB at a time, by as many threads as there are cores."""

    in_memory = False

    def __init__(self, table: FeatureTable, indices: Indices, scaling: Scaling, shape: Shape | None = None) -> None:
        self._table, self._indices, self._exact = table, indices, scaling
        self._rounded = Scaling(scaling.mean.astype(np.float32), scaling.deviation.astype(np.float32))
        self.shape = shape or self._measured()

    def __len__(self) -> int:
        return len(self._indices)

    def take(self, positions: Indices) -> StreamDesign:
        """Just these rows, in this order."""
        return StreamDesign(self._table, self._indices[positions], self._exact, self.shape)

    def each(self, work: Work[Result], *, exact: bool = False) -> Iterator[Result]:
        """What `work`, which must not change anything, makes of some rows at a time, in their order."""
        scaling = self._exact if exact else self._rounded

        def load(where: slice) -> Result:
            rows = self._table.rows(self._indices[where]).astype(scaling.mean.dtype, copy=False)
            rows -= scaling.mean
            rows /= scaling.deviation
            return work(where, rows)

        size = _rows_of_a_chunk(self._table)
        waiting: deque[Future[Result]] = deque()
        with ThreadPoolExecutor(cores(), "headstart-probe") as pool:
            for start in range(0, len(self), size):
                waiting.append(pool.submit(load, slice(start, min(start + size, len(self)))))
                if len(waiting) > cores():
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()

    def raw(self, linear: Linear) -> Linear:
        """The classifier of these coordinates as one of the raw features."""
        return self._exact.raw(linear)

    def _measured(self) -> Shape:
        """The shape of a sample of the rows: it only decides how fast solvers are."""
        width = self._table.width
        self.shape = Shape(width, np.ones(width))
        if width > MOST_ROTATED:
            return self.shape
        count = min(len(self), max(SAMPLE_OF_SPECTRUM, 4 * width))
        sample = self.take(np.linspace(0, len(self) - 1, count).astype(np.int64))
        gram = np.zeros((width, width), np.float32)
        for part in sample.each(lambda _, rows: rows.T @ rows):
            gram += part
        spectrum, rotation = np.linalg.eigh(gram / count)
        return Shape(width, spectrum.clip(min=0).astype(np.float64), rotation.astype(np.float64))


def build_design(table: FeatureTable, indices: Indices) -> Design:
    """The standardised rows of a table at these indices."""
    scaling = _scaling(table, indices)
    if len(indices) * table.width <= MOST_IN_MEMORY:
        return MemoryDesign.of(table.rows(indices), scaling)
    return StreamDesign(table, indices, scaling)


def _rows_of_a_chunk(table: FeatureTable) -> int:
    return max(CHUNK_BYTES // (4 * table.width), 64)


def _scaling(table: FeatureTable, indices: Indices) -> Scaling:
    """Mean and deviation in one pass, about the mean of the first rows so that nothing cancels."""
    size = _rows_of_a_chunk(table)
    pilot = table.rows(indices[:size]).mean(axis=0, dtype=np.float64)
    total, squares = np.zeros(table.width), np.zeros(table.width)
    for rows in table.chunks(size, indices):
        centred = rows - pilot
        total += centred.sum(axis=0)
        squares += np.einsum("nd,nd->d", centred, centred)
    shift = total / len(indices)
    deviation = np.sqrt((squares / len(indices) - shift**2).clip(min=0))
    mean = pilot + shift
    # A constant feature has a deviation of rounding errors, which must not be blown up; and a feature that its network
    # has switched off, by a scale of 1e-30 say, would get a weight that no training could start from.
    constant = deviation <= NEGLIGIBLE * np.maximum(np.abs(mean), deviation.max(initial=0))
    return Scaling(mean, np.where(constant, 1.0, deviation))


def _rotated(standard: Doubles) -> tuple[Doubles, Doubles]:
    """An orthonormal basis (D, r) of what the rows (N, D) span, and the rows in its coordinates (N, r)."""
    count, width = standard.shape
    if width <= count:
        spectrum, basis = np.linalg.eigh(standard.T @ standard)
        basis = basis[:, spectrum > _negligible(spectrum)]
        return basis, standard @ basis
    spectrum, left = np.linalg.eigh(standard @ standard.T)
    there = spectrum > _negligible(spectrum)
    length = np.sqrt(spectrum[there])
    return standard.T @ (left[:, there] / length), left[:, there] * length


def _negligible(spectrum: Doubles) -> float:
    return float(spectrum.max(initial=0) * len(spectrum) * np.finfo(np.float64).eps)
