"""An order of models -> what each of them probably reaches, and how far from that it may be.

An order alone has no unit. How far models lie apart is taken from what has been measured of all of them on the same
items, and regression to the mean from how well such orders have agreed with the truth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from headstart.metrics.contest import Expectation, Floats, Integers, paired_means


@dataclass(frozen=True)
class Foresight:
    """How well orders foretell.

    `agreement` is the correlation of average ranks with the truth, in [0, 1]. `unseen` is a standard deviation in the
    unit of the scores: how far models lie apart in what the measured scores do not show.
    """

    agreement: float
    unseen: float


def expected(
    ranks: Sequence[float], scores: Floats, foresight: Foresight, *, groups: Integers | None = None
) -> Expectation:
    """What K models with these ranks (1 is the best) reach, whose cheap measurements on N items are `scores` (K, N).

    Where all ranks are alike, so is what is expected.
    """
    places = np.asarray(ranks, np.float64)
    reach = _reach(scores, foresight, groups)
    apart = places.std(ddof=1) if len(places) > 1 else 0.0
    better = (places.mean() - places) / apart if apart > 0 else np.zeros(len(places))
    return Expectation(
        means=np.asarray(foresight.agreement * reach * better, np.float64),
        spread=reach * float(np.sqrt(1 - foresight.agreement**2)),
    )


def _reach(scores: Floats, foresight: Foresight, groups: Integers | None) -> float:
    """The standard deviation of what the models reach: of their scores, less what the items make of it, and unseen."""
    count = len(scores)
    if count < 2:
        return foresight.unseen
    means, errors = paired_means(scores, groups)
    centre = np.eye(count) - 1 / count
    luck = float(np.trace(centre @ errors @ centre)) / (count - 1)
    return float(np.sqrt(max(means.var(ddof=1) - luck, 0.0) + foresight.unseen**2))
