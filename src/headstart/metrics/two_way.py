"""The mean of a table of repeats x units, and how uncertain it is where both are a sample.

A cell is the overall mean, plus what is particular to its repeat (a seed, a training split), plus what is particular to
its unit (a test item, or a group of them), plus a remainder of the two together. The variance of the mean is a sum of
three parts, each estimated from a mean square of the two-way table, with degrees of freedom by Satterthwaite 1946. It
is the model of Hillis 2007 for readers x cases, with two changes for few repeats: the remainder bounds the variance of
repeats from below, and two more units stand for what has not been seen (Bonett and Price 2012).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]

ENOUGH_REPEATS = 5


@dataclass(frozen=True)
class TwoWay:
    """The parts of the variance of the mean, with R repeats and G units.

    `of_repeats`, `of_units` and `of_both` are variances of one repeat, one unit and one cell. One repeat cannot tell
    the first and the last, which are then 0.
    """

    mean: float
    repeats: int
    units: int
    of_repeats: float
    of_units: float
    of_both: float

    def variance(self, *, repeats: int | None = None, units: float | None = None) -> float:
        """The variance of the mean, of this table or of one with as many repeats and units as given."""
        rows, columns = repeats or self.repeats, units or self.units
        return self.of_repeats / rows + self.of_units / columns + self.of_both / (rows * columns)

    def degrees(self, *, repeats: int | None = None, units: float | None = None) -> float:
        """Degrees of freedom of that variance: those of the part that dominates it."""
        rows, columns = repeats or self.repeats, units or self.units
        total = self.variance(repeats=rows, units=columns)
        if rows == 1 or total == 0:
            return max(columns - 1.0, 1.0)
        by_repeats = (self.of_repeats + self.of_both / columns) / rows
        by_units = (self.of_units + self.of_both / rows) / columns
        # Without a sign of variance between repeats, the first part is the remainder alone, which many cells know; of
        # very few repeats, however, no sign means little.
        sure = self.of_repeats == 0 and rows >= ENOUGH_REPEATS
        known_by = (rows - 1) * max(columns - 1, 1) if sure else rows - 1
        return float(total**2 / (by_repeats**2 / known_by + by_units**2 / max(columns - 1, 1)))

    @property
    def shares(self) -> dict[str, float]:
        """The shares of the variance of the mean, which add up to 1; empty where one repeat cannot tell them."""
        total = self.variance()
        if self.repeats == 1 or total == 0:
            return {}
        return {
            "repeats": self.of_repeats / self.repeats / total,
            "test items": self.of_units / self.units / total,
            "both": self.of_both / (self.repeats * self.units) / total,
        }


def two_way(cells: npt.NDArray[Any]) -> TwoWay:
    """Take apart the cells (R, G) of R >= 1 repeats and G >= 2 units whose values lie in -1..1 or near it.

    Two more units enter the variance of units, one always above and one always below, by as much as units that differ
    from zero do: without them a table of nothing but zeros would be certain. Of one repeat of -1, 0 and 1 that is the
    interval of Bonett and Price for paired proportions.
    """
    cells = np.asarray(cells, np.float64)
    repeats, units = cells.shape
    mean = float(cells.mean())
    by_repeat, by_unit = cells.mean(axis=1), cells.mean(axis=0)
    unseen = 2 * typical_difference(by_unit) ** 2
    square_units = repeats * (float(((by_unit - mean) ** 2).sum()) + unseen) / (units + 1)
    if repeats == 1:
        return TwoWay(mean, 1, units, 0.0, square_units, 0.0)
    square_repeats = units * float(((by_repeat - mean) ** 2).sum()) / (repeats - 1)
    remainder = cells - by_repeat[:, None] - by_unit + mean
    square_both = float((remainder**2).sum()) / ((repeats - 1) * (units - 1))
    return TwoWay(
        mean,
        repeats,
        units,
        of_repeats=max(square_repeats - square_both, 0.0) / units,
        of_units=max(square_units - square_both, 0.0) / repeats,
        of_both=square_both,
    )


def typical_difference(by_unit: Doubles) -> float:
    """The root mean square of the values that are not zero; 1, the most there can be, where all are zero."""
    different = by_unit[np.abs(by_unit) > 1e-12]
    return float(np.sqrt((different**2).mean())) if len(different) else 1.0
