"""From an estimate with its standard error to one of four answers, and to the record that holds them."""

from __future__ import annotations

import math
from collections.abc import Iterable

from headstart.core.gain import Decision, Gain

MARGIN, LEVEL = 0.01, 0.95


def decide(low: float, high: float, *, margin: float) -> Decision:
    """Helps: all of the interval is above the margin; hurts: below it; equivalent: within it; else undetermined."""
    if low > margin:
        return "helps"
    if high < -margin:
        return "hurts"
    return "equivalent" if low > -margin and high < margin else "undetermined"


def quantile(level: float, degrees: float) -> float:
    """How many standard errors an interval of this level reaches to either side. Student's t."""
    from scipy.special import ndtri, stdtrit

    tail = (1 + level) / 2
    return float(ndtri(tail) if math.isinf(degrees) else stdtrit(degrees, tail))


def two_sided(distance: float, *, error: float, degrees: float) -> float:
    """The probability of an estimate that far from the truth, or farther, to either side."""
    from scipy.special import stdtr

    if error == 0:
        return 1.0 if distance == 0 else 0.0
    return min(1.0, float(2 * stdtr(degrees, -abs(distance) / error)))


def bounds(estimate: float, *, error: float, degrees: float, level: float) -> tuple[float, float]:
    """The interval, cut at -1 and 1: no gain in a metric of 0..1 lies beyond."""
    half = quantile(level, degrees) * error
    return max(-1.0, estimate - half), min(1.0, estimate + half)


def at_level(gain: Gain, level: float) -> Gain:
    """The same gain with an interval, and with it a decision, of another level."""
    low, high = bounds(gain.estimate, error=gain.standard_error, degrees=gain.degrees, level=level)
    decision = decide(low, high, margin=gain.margin)
    return gain.model_copy(update={"low": low, "high": high, "level": level, "decision": decision})


def decision_p_value(gain: Gain) -> tuple[float, Decision]:
    """The decision that is nearest to being made, and 1 minus the highest level at which the interval makes it.

    It is 1, and undetermined, where no level makes one.
    """

    def passed(distance: float) -> float:
        return two_sided(distance, error=gain.standard_error, degrees=gain.degrees) if distance > 0 else 1.0

    found: dict[Decision, float] = {
        "helps": passed(gain.estimate - gain.margin),
        "hurts": passed(-gain.margin - gain.estimate),
        "equivalent": passed(gain.margin - abs(gain.estimate)),
    }
    decision = min(found, key=lambda each: found[each])
    return (found[decision], decision) if found[decision] < 1 else (1.0, "undetermined")


def check_settings(*, margin: float, level: float) -> None:
    """Raises `ValueError` for a margin or level that no decision can be made with."""
    if not 0 <= margin < 1 or not 0 < level < 1:
        raise ValueError(f"a margin of {margin} and a level of {level}: both are fractions below 1")


def sentence_of_one_repeat() -> str:
    """What a person has to know of an interval that rests on a single repeat."""
    return (
        "There was one repeat only: the interval says what other test items would change, "
        "and nothing of what another seed or another choice of training items would."
    )


def joined(*parts: str | Iterable[str]) -> tuple[str, ...]:
    """The sentences that are not empty, in order."""
    sentences = (each for part in parts for each in ([part] if isinstance(part, str) else part))
    return tuple(sentence for sentence in sentences if sentence)
