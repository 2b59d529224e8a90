"""Successive halving: contestants measured on the same items lap by lap, fewer of them from lap to lap.

Jamieson & Talwalkar, AISTATS 2016, with one change: nobody leaves who is within a standard error of the last that
stays, since a few hundred items tell little.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil

import numpy as np
import numpy.typing as npt

from headstart.metrics.contest import Expectation, Floats, Integers, Proxy, Standing, standing, survivors


@dataclass
class Laps:
    """What K contestants scored on the items of folds (N,), each in its last lap on the fold.

    `spread` is how far a whole training's score is from the truth, however many items there are, for the share of the
    steps that it took: `spread / share`. `groups` (N,) are items that belong together.
    """

    count: int
    folds: Integers
    spread: float
    groups: npt.NDArray[np.integer] | None = None
    last: dict[int, dict[int, tuple[float, Floats]]] = field(default_factory=dict)

    def items(self, fold: int) -> Integers:
        """Places of the fold's items."""
        return np.flatnonzero(self.folds == fold).astype(np.int64)

    def enter(self, finished: Mapping[int, Floats], *, share: float, fold: int) -> list[int]:
        """Put in the scores of a lap, in place of earlier ones on the fold; returns who goes on: the better half.

        Who did not take part is given what those have gained that took part in both laps.
        """
        lap = self.last.setdefault(fold, {})
        again = [place for place in finished if place in lap]
        if again:
            gained = float(np.mean([finished[place].mean() - lap[place][1].mean() for place in again]))
            for place in lap.keys() - finished.keys():
                earlier, scores = lap[place]
                lap[place] = (earlier, scores + gained)
        lap.update({place: (share, scores) for place, scores in finished.items()})
        places = list(finished)
        if len(places) < 2:
            return places
        scores = np.stack([finished[place] for place in places])
        kept = survivors(scores, keep=max(2, ceil(len(places) / 2)), groups=self._groups(fold))
        return [places[row] for row in kept]

    def standing(self, others: Sequence[Proxy] = (), *, expected: Expectation | None = None) -> Standing:
        """All laps together, and what else is known."""
        return standing([*others, *(self._proxy(fold) for fold in self.last)], expected=expected)

    def _proxy(self, fold: int) -> Proxy:
        scores = np.full((self.count, len(self.items(fold))), np.nan)
        spread = np.full(self.count, self.spread)
        for place, (share, values) in self.last[fold].items():
            scores[place] = values
            spread[place] /= share
        return Proxy(scores, spread, self._groups(fold))

    def _groups(self, fold: int) -> Integers | None:
        return None if self.groups is None else self.groups[self.items(fold)].astype(np.int64)


def decided(found: Standing, still_in: Sequence[int], *, same: float) -> str:
    """Why nothing is left to find out among those that are still in, or nothing; `same` is a lead that is none."""
    if len(still_in) < 2:
        return "one is left"
    _, low, high = found.behind()
    others = [place for place in still_in if place != found.best]
    if all(low[place] > 0 for place in others):
        return "the intervals have separated"
    if all(high[place] < same for place in others):
        return "those that are left are equally good for every purpose"
    return ""
