"""Rows together with what several scores need of them, computed once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from headstart.core.rows import Rows
from headstart.scores.spectrum import Doubles, Integers, Spectrum, is_small


@dataclass(frozen=True, eq=False)
class Prepared(Rows):
    """Rows in float64 whose classes are 0..C-1, each with a row; what is derived from them is kept once it is known.

    Several labels an item: only the labels that some row has and some row has not.
    """

    known_gram: Doubles | None = None

    def __len__(self) -> int:
        return len(self.x)

    @property
    def multi_label(self) -> bool:
        """Whether a row may have several labels."""
        return self.y.ndim == 2

    @cached_property
    def indicators(self) -> Doubles:
        """0 and 1 (N, C)."""
        if self.multi_label:
            return np.asarray(self.y, np.float64)
        return np.asarray(self.y[:, None] == np.arange(self.y.max(initial=-1) + 1), np.float64)

    @cached_property
    def class_sizes(self) -> Integers:
        """(C,): how many rows have each label."""
        return np.asarray(self.indicators.sum(axis=0), np.int64)

    @cached_property
    def gram(self) -> Doubles:
        """(N, N): inner products of the rows."""
        return np.asarray(self.x @ self.x.T) if self.known_gram is None else self.known_gram

    @cached_property
    def spectrum(self) -> Spectrum:
        """The decomposition of the rows as they are, not centred."""
        wide = self.x.shape[1] > len(self)
        if wide and (self._gram_is_known or not is_small(self.x.shape)):
            return Spectrum.of_gram(self.gram)
        return Spectrum.of_rows(np.asarray(self.x, np.float64))

    @property
    def _gram_is_known(self) -> bool:
        return self.known_gram is not None or "gram" in self.__dict__

    @cached_property
    def problem(self) -> str | None:
        """Why no score at all can be computed, or None."""
        if not np.isfinite(self.x).all():
            return f"{int((~np.isfinite(self.x).all(axis=1)).sum())} of {len(self)} rows are not finite"
        if self.indicators.shape[1] < (1 if self.multi_label else 2):
            return "no label varies" if self.multi_label else "there are fewer than two classes"
        # The rounding of a mean is no difference between rows.
        if np.ptp(self.x, axis=0).max(initial=0) <= 1e-12 * np.abs(self.x).max(initial=0):
            return "all rows have the same features"
        return None

    def take(self, indices: Integers) -> Prepared:
        """Just these rows; inner products that are known stay so."""
        gram = self.gram[np.ix_(indices, indices)] if self._gram_is_known else None
        return Prepared(
            self.x[indices],
            _compact(self.y[indices]),
            None if self.source_probabilities is None else self.source_probabilities[indices],
            None if self.groups is None else self.groups[indices],
            known_gram=gram,
        )


def prepare(rows: Rows) -> Prepared:
    """The rows ready for scores; prepared ones are given back as they are."""
    if isinstance(rows, Prepared):
        return rows
    probabilities = rows.source_probabilities
    return Prepared(
        np.asarray(rows.x, np.float64),
        _compact(np.asarray(rows.y)),
        None if probabilities is None else np.asarray(probabilities, np.float64),
        None if rows.groups is None else np.unique(rows.groups, return_inverse=True)[1],
    )


def _compact(y: npt.NDArray[Any]) -> npt.NDArray[Any]:
    if y.ndim == 2:
        return y[:, (y.max(axis=0, initial=0) > 0) & (y.min(axis=0, initial=1) < 1)]
    return np.unique(y, return_inverse=True)[1]
