"""What it would take to decide a gain that is undetermined: more test items, more repeats, or both."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from headstart.core.gain import Gain
from headstart.metrics.gain_decision import quantile
from headstart.metrics.two_way import TwoWay

POWER = 0.8
MOST_TIMES_ITEMS = 300
"""However small the gain, 250 times as many decide it with that probability, where repeats do not stand in the way."""
MOST_REPEATS = 100


@dataclass(frozen=True)
class Needed:
    """Units and repeats in all; both where it takes both, neither where neither helps or it is decided."""

    units: int | None = None
    repeats: int | None = None


def needed(table: TwoWay, *, margin: float, level: float, power: float = POWER) -> Needed:
    """The least that would, with this probability, make the interval decide.

    Units alone are looked for first, up to 300 times as many as there are, then repeats alone, up to 100, then the
    fewest repeats with which units can.
    """
    if table.variance() == 0:
        return Needed()

    def enough(repeats: int, units: int) -> bool:
        return chance(table, repeats=repeats, units=units, margin=margin, level=level) >= power

    most = MOST_TIMES_ITEMS * table.units
    units = _least(lambda count: enough(table.repeats, count), table.units, most)
    if units is not None:
        return Needed(units=units)
    if table.repeats == 1:
        return Needed()
    repeats = _least(lambda count: enough(count, table.units), table.repeats, MOST_REPEATS)
    if repeats is not None:
        return Needed(repeats=repeats)
    repeats = _least(lambda count: enough(count, most), table.repeats, MOST_REPEATS)
    if repeats is None:
        return Needed()
    return Needed(_least(lambda count: enough(repeats, count), table.units, most), repeats)


def chance(table: TwoWay, *, repeats: int, units: int, margin: float, level: float) -> float:
    """The probability that the interval decides once there are so many repeats and units in all.

    What is there stays in: only what is added can move the estimate. Where to is as uncertain as the true gain is now,
    with nothing else known of it, and the noise of what is added comes on top; together the estimate moves by the
    difference of the variance before and after.
    """
    after = table.variance(repeats=repeats, units=units)
    before = table.variance()
    moves = math.sqrt(max(before - after, 0.0))
    half = quantile(level, table.degrees(repeats=repeats, units=units)) * math.sqrt(after)
    above, below = margin + half, -margin - half
    inside = margin - half

    def up_to(value: float) -> float:
        from scipy.special import ndtr

        if moves == 0:
            return float(value >= table.mean)
        return float(ndtr((value - table.mean) / moves))

    within = up_to(inside) - up_to(-inside) if inside > 0 else 0.0
    return 1 - up_to(above) + up_to(below) + within


def _least(enough: Callable[[int], bool], low: int, high: int) -> int | None:
    """The smallest count above `low` that is enough, where more never harm; None where `high` is not."""
    if not enough(high):
        return None
    while high - low > 1:
        middle = math.isqrt(low * high) if high > 4 * low else (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def needed_of(gain: Gain) -> Needed:
    """What an undetermined gain needs at the level that it has, from the record alone.

    Neither where the record does not say which part of its variance more items would reduce.
    """
    if gain.decision != "undetermined" or not math.isfinite(gain.standard_error):
        return Needed()
    shares = gain.variance or ({"test items": 1.0} if gain.repeats == 1 else {})
    if not shares:
        return Needed()
    table = TwoWay(
        gain.estimate,
        gain.repeats,
        gain.items,
        of_repeats=shares.get("repeats", 0.0) * gain.standard_error**2 * gain.repeats,
        of_units=shares.get("test items", 0.0) * gain.standard_error**2 * gain.items,
        of_both=shares.get("both", 0.0) * gain.standard_error**2 * gain.repeats * gain.items,
    )
    return needed(table, margin=gain.margin, level=gain.level)
