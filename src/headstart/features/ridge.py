"""Ridge regression on 0 and 1: a linear system, exact for every fold, of a size that does not grow with the rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve as solve_system

from headstart.features.design import Design
from headstart.features.linear import Doubles, Linear
from headstart.features.targets import Truth


@dataclass(frozen=True)
class Sums:
    """What ridge regression needs to know of some rows; sums of different rows add up and subtract.

    `gram` is (D + 1, D + 1) and `cross` (D + 1, K), the last coordinate being a constant 1 for the bias.
    """

    gram: Doubles
    cross: Doubles

    def __add__(self, other: Sums) -> Sums:
        return Sums(self.gram + other.gram, self.cross + other.cross)

    def __sub__(self, other: Sums) -> Sums:
        return Sums(self.gram - other.gram, self.cross - other.cross)


def sums(design: Design, truth: Truth) -> Sums:
    """The sums over all rows, in float64."""

    def work(where: slice, rows: Doubles) -> Sums:
        wanted = truth.wanted(where)
        extended = np.concatenate([rows, np.ones((len(rows), 1))], axis=1)
        weighted = (extended * truth.weights(where, wanted)[:, :1]).T
        return Sums(weighted @ extended, weighted @ wanted)

    size = design.shape.width + 1
    return sum(design.each(work, exact=True), start=Sums(np.zeros((size, size)), np.zeros((size, truth.scores))))


def solve(total: Sums, *, strength: float) -> Linear:
    """The minimum of the weighted squared errors plus `strength` times the squared weights; the bias is free."""
    penalised = total.gram.copy()
    diagonal = np.arange(len(penalised) - 1)
    penalised[diagonal, diagonal] += strength
    solution = solve_system(penalised, total.cross, assume_a="pos", overwrite_a=True, check_finite=False)
    return Linear(solution[:-1].T, solution[-1])
