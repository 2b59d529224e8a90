"""Parts of the rows drawn without replacement: stratified, and by whole groups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from headstart.scores.prepared import Prepared
from headstart.scores.spectrum import Integers

# Half of the rows, or as many as this: then the dearest step of a score, which grows with the third power, stays short.
SHARE, MOST = 0.5, 750


@dataclass(frozen=True)
class Subsample:
    """The rows that were drawn, in order; `kept` of all `units`, which are groups where there are groups."""

    indices: Integers
    kept: int
    units: int

    @property
    def scale(self) -> float:
        """What a squared deviation of a score of these rows says of the variance of the score of all rows.

        Delete-d jackknife: Shao and Wu, A general theory for jackknife variance estimation, 1989.
        """
        return self.kept / (self.units - self.kept)


def subsamples(rows: Prepared, *, repeats: int, seed: int) -> list[Subsample]:
    """Independent draws; none where nothing can be left out."""
    random = np.random.default_rng(seed)
    share = min(SHARE, MOST / len(rows))
    drawn = [_draw(rows, share, random) for _ in range(repeats)]
    return [draw for draw in drawn if draw.kept < draw.units]


def at_most(rows: Prepared, count: int, *, seed: int) -> Prepared:
    """About so many of the rows, all where there are no more."""
    if len(rows) <= count:
        return rows
    return rows.take(_draw(rows, count / len(rows), np.random.default_rng(seed)).indices)


def _draw(rows: Prepared, share: float, random: np.random.Generator) -> Subsample:
    """So much of every stratum, and at least two units of it where it has two: some scores need a pair."""
    unit_of = np.asarray(np.arange(len(rows)) if rows.groups is None else rows.groups, np.int64)
    strata = _strata(rows, unit_of)
    # Fractions are rounded up in as many draws as they are large, in all strata alike.
    shift = random.random()
    chosen = [_some(np.flatnonzero(strata == stratum), share, shift, random) for stratum in np.unique(strata)]
    kept = np.zeros(len(strata), bool)
    kept[np.concatenate(chosen)] = True
    return Subsample(np.flatnonzero(kept[unit_of]), int(kept.sum()), len(strata))


def _some(units: Integers, share: float, shift: float, random: np.random.Generator) -> Integers:
    count = max(int(share * len(units) + shift), min(len(units), 2))
    return random.permutation(units)[:count]


def _strata(rows: Prepared, unit_of: Integers) -> Integers:
    """(G,): of each unit the label that most of its rows have; where a row may have several, the rarest of them."""
    counts = np.zeros((int(unit_of.max()) + 1, rows.indicators.shape[1]))
    np.add.at(counts, unit_of, rows.indicators)
    if not rows.multi_label:
        return np.asarray(counts.argmax(axis=1), np.int64)
    rarity = np.where(counts > 0, 1 / rows.class_sizes, 0.0)
    return np.where(counts.any(axis=1), rarity.argmax(axis=1), -1)
