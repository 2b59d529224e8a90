"""Several gains judged together, so that the chance of any false decision stays what it is for one."""

from __future__ import annotations

from collections.abc import Mapping

from headstart.core.gain import Gain
from headstart.metrics.gain_decision import at_level, decision_p_value
from headstart.metrics.more_data import needed_of


def holm(gains: Mapping[str, Gain]) -> dict[str, Gain]:
    """The same gains, in the same order, with simultaneous intervals, decisions and p-values. Holm 1979.

    The K gains are taken in the order of how surely each is decided. The first is judged with an interval of level
    1 - (1 - level) / K, the next with K - 1 in place of K, and so on up to the first that is undetermined; all that
    follow are judged with the level of that one. So interval and decision of each agree. `p_value` is Holm's, of a
    gain of zero. What an undetermined gain needs is what it needs at its level.

    Raises `ValueError` where the levels of the gains differ.
    """
    levels = {gain.level for gain in gains.values()}
    if len(levels) > 1:
        raise ValueError(f"gains of levels {sorted(levels)} cannot be judged together")
    judged: dict[str, Gain] = {}
    left, going_on = len(gains), True
    for name in sorted(gains, key=lambda each: decision_p_value(gains[each])[0]):
        gain = at_level(gains[name], 1 - (1 - gains[name].level) / left)
        more = needed_of(gain)
        judged[name] = gain.model_copy(update={"items_needed": more.units, "repeats_needed": more.repeats})
        going_on = going_on and gain.decision != "undetermined"
        left -= going_on
    adjusted = adjust({name: gain.p_value for name, gain in gains.items()})
    return {name: judged[name].model_copy(update={"p_value": adjusted[name]}) for name in gains}


def adjust(p_values: Mapping[str, float]) -> dict[str, float]:
    """Holm's adjusted p-values: each is below alpha where its hypothesis falls with all tested together at alpha."""
    found: dict[str, float] = {}
    largest = 0.0
    for position, name in enumerate(sorted(p_values, key=lambda each: p_values[each])):
        largest = max(largest, min(1.0, p_values[name] * (len(p_values) - position)))
        found[name] = largest
    return {name: found[name] for name in p_values}
