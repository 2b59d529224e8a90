"""The two ways to solve a probe, behind one face: a grid of strengths, and a fit with or without one fold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import numpy as np

from headstart.core.dataset import Indices
from headstart.core.errors import OptionError
from headstart.features.design import Design
from headstart.features.linear import Linear
from headstart.features.logistic import fit_logistic
from headstart.features.ridge import Sums, solve, sums
from headstart.features.targets import Truth

# The penalty a row, from where it allows almost nothing to where it hardly matters.
STRONGEST, WEAKEST = 30.0, 1e-6


class Solver(Protocol):
    """One way to get a classifier. `calibrated` says that its scores are log odds already."""

    calibrated: bool

    def strengths(self) -> Iterator[float]:
        """Two values a decade, from the most regularised to the least."""
        ...

    def fit(self, strength: float, *, without: int | None = None) -> Linear:
        """The classifier of all rows but those of one fold."""
        ...


class LogisticSolver:
    """Starts every fit at the last one of the same fold, and that of all rows at the last of the lowest fold.

    Folds are fitted side by side: a start at whichever ended first would make the result depend on the clock.
    """

    calibrated = True

    def __init__(self, design: Design, truth: Truth, folds: Indices) -> None:
        self._design, self._truth, self._folds = design, truth, folds
        self._last: dict[int | None, Linear] = {}
        self.unsettled: set[float] = set()

    def strengths(self) -> Iterator[float]:
        """Values of scikit-learn's C."""
        rows = len(self._folds)
        first, last = 1 / (STRONGEST * rows), 1 / (WEAKEST * rows)
        yield from _half_decades(first, last)

    def fit(self, strength: float, *, without: int | None = None) -> Linear:
        """The classifier of all rows but those of one fold."""
        lowest = min((fold for fold in self._last if fold is not None), default=None)
        start = self._last.get(lowest if without is None else without)
        design, truth = self._design, self._truth
        if without is not None:
            others = np.flatnonzero(self._folds != without)
            design, truth = design.take(others), truth.take(others)
        fit = fit_logistic(design, truth, strength=strength, start=start)
        self._last[without] = fit.linear
        if not fit.settled:
            self.unsettled.add(strength)
        return fit.linear


class RidgeSolver:
    """Sums up the rows once a fold; every strength is then one linear system."""

    calibrated = False

    def __init__(self, design: Design, truth: Truth, folds: Indices) -> None:
        if truth.targets.ndim == 2 and not np.array_equal(truth.positive, truth.negative):
            raise OptionError(
                "--class-weights balanced: ridge regression weighs items, and an item with several labels has no one "
                "weight.",
                hint="Use --solver logistic.",
            )
        self._design, self._truth, self._folds = design, truth, folds
        self._total = sums(design, truth)
        self._parts: dict[int, Sums] = {}

    def strengths(self) -> Iterator[float]:
        """Values of lambda."""
        rows = len(self._folds)
        for inverse in _half_decades(1 / (STRONGEST * rows), 1 / (WEAKEST * rows)):
            yield 1 / inverse

    def fit(self, strength: float, *, without: int | None = None) -> Linear:
        """The classifier of all rows but those of one fold."""
        if without is None:
            return solve(self._total, strength=strength)
        if without not in self._parts:
            part = np.flatnonzero(self._folds == without)
            self._parts[without] = sums(self._design.take(part), self._truth.take(part))
        return solve(self._total - self._parts[without], strength=strength)


def _half_decades(first: float, last: float) -> Iterator[float]:
    """1, 3.16, 10, ... between two values, rounded to three digits."""
    for half in range(int(np.ceil(2 * np.log10(first))), int(np.floor(2 * np.log10(last))) + 1):
        yield float(f"{10 ** (half / 2):.3g}")
