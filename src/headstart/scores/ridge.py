"""A linear probe by ridge regression, every row predicted by all others."""

from __future__ import annotations

import numpy as np

from headstart.scores.auroc import mean_auroc
from headstart.scores.prepared import Prepared
from headstart.scores.score import Score
from headstart.scores.spectrum import Doubles, Integers, Resolvent, constant

# Penalties over the mean squared length of a centred row: from next to none to far beyond what N rows can outweigh.
PENALTIES = 10.0 ** np.arange(-5, 1.1, 0.5)
COLUMNS = 512


class Ridge(Score):
    """The accuracy of ridge regression on the 0/1 labels, leaving one row (with groups: its whole group) out.

    For a penalty k the residual of row i, had it been left out, is (Ry)_i / R_ii, with R = H inv(HKH + k) H, K = XX'
    and H what centres: Allen, The relationship between variable selection and data augmentation, 1974. One
    decomposition serves all penalties: 10^-5 to 10 N times the mean squared length of a centred row, two a decade. The
    one with the least sum of these squared residuals is taken. A row that is left out makes its class less frequent,
    which lets noise look worse than guessing: so every row is given the frequencies of all rows. Several labels: the
    mean AUROC.

    Range: 0 to 1; on noise about the chance of guessing. The features are centred but not scaled, so that nothing
    changes with rotation or scale; a feature of much larger variance than the others dominates.
    """

    name = "ridge"
    proportion = True

    def lacking(self, rows: Prepared) -> str | None:
        """Something left to learn from."""
        return "it needs two groups" if rows.groups is not None and np.ptp(rows.groups) == 0 else None

    def compute(self, rows: Prepared, *, seed: int) -> float:
        """At the best penalty."""
        predicted = held_out_predictions(rows)
        if rows.multi_label:
            return mean_auroc(predicted, rows.indicators)
        return float((predicted.argmax(axis=1) == rows.y).mean())


RIDGE = Ridge()


def held_out_predictions(rows: Prepared) -> Doubles:
    """(N, K): what ridge regression without a row's group says of the row, at the best penalty for all."""
    units = _units(rows)
    grid = _penalties(rows)
    at_once = max(COLUMNS // rows.indicators.shape[1], 1)
    best, residuals = np.inf, np.empty(0)
    for start in range(0, len(grid), at_once):
        for found in _residuals(rows, grid[start : start + at_once], units):
            loss = float(np.square(found).sum())
            if loss < best:
                best, residuals = loss, found
    return rows.indicators - residuals + _frequency_lost(rows, units)


def _penalties(rows: Prepared) -> Doubles:
    centre = rows.spectrum.left.mean(axis=0)
    spread = float((rows.spectrum.squares * (1 - len(rows) * centre**2)).sum()) / len(rows)
    most = np.log10(10.0 * len(rows))
    return spread * np.concatenate([PENALTIES, 10.0 ** np.arange(1.5, most + 0.01, 0.5)])


def _units(rows: Prepared) -> list[Integers] | None:
    """The members of each group, or None where every row is alone."""
    if rows.groups is None:
        return None
    order = np.argsort(rows.groups, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(rows.groups[order])) + 1)


def _residuals(rows: Prepared, penalties: Doubles, units: list[Integers] | None) -> Doubles:
    """(L, N, K): of every row, by what was fitted without it."""
    resolvent = Resolvent(rows.spectrum, constant(len(rows)), penalties)
    applied = resolvent.apply(rows.indicators)
    if units is None:
        return np.asarray(applied / resolvent.diagonal()[:, :, None])
    for which in range(len(penalties)):
        for members in units:
            applied[which][members] = np.linalg.solve(resolvent.block(members, which), applied[which][members])
    return applied


def _frequency_lost(rows: Prepared, units: list[Integers] | None) -> Doubles:
    """(N, K): how much more frequent each label is among all rows than among those outside a row's group."""
    own, size = rows.indicators, np.ones((len(rows), 1))
    if units is not None:
        own, size = np.empty_like(rows.indicators), np.empty((len(rows), 1))
        for members in units:
            own[members], size[members] = rows.indicators[members].sum(axis=0), len(members)
    total = rows.indicators.sum(axis=0)
    return np.asarray(total / len(rows) - (total - own) / (len(rows) - size))
