"""Scores with 95 % intervals, the dear steps shared among them.

The interval says how far the score might be from what other rows of the same kind, as many and with the same classes,
would give. It is made by drawing rows without replacement. A bootstrap would put copies of a row on both sides of a
leave-one-out: on pure noise of ten classes it lifts the accuracy of the nearest neighbour from a tenth to two thirds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

import numpy as np

from headstart.core.record import Record
from headstart.core.rows import Rows
from headstart.core.wilson import wilson
from headstart.scores import SCORES
from headstart.scores.prepared import Prepared, prepare
from headstart.scores.score import Score
from headstart.scores.subsamples import Subsample, at_most, subsamples

LEVEL = 0.95
REPEATS = 20
# A score that is steadier than this over subsamples has told nothing of its error.
STEADY = 1e-9


class Scored(Record):
    """A score of so many `rows`, or the reason why there is none.

    `low` and `high` bound its 95 % interval; they are None where too few rows can be left out to know one. `seconds`
    is the time of the score and its interval; the first score that needs what several share pays for it.
    """

    value: float | None = None
    low: float | None = None
    high: float | None = None
    rows: int = 0
    seconds: float = 0.0
    skipped_reason: str | None = None


def score_all(rows: Rows, names: Iterable[str], *, seed: int, repeats: int = REPEATS) -> dict[str, Scored]:
    """Every score of these names. Raises `OptionError` for an unknown one.

    `repeats` subsamples make the intervals; fewer for dear scores, none with 0.
    """
    everything = prepare(rows)
    scores = [SCORES[name] for name in names]
    reasons = {score.name: score.applies(everything) for score in scores}
    found = {name: Scored(skipped_reason=reason) for name, reason in reasons.items() if reason is not None}
    applying = [score for score in scores if score.name not in found]
    # Scores of the same number of rows share what is computed of them.
    for most in dict.fromkeys(score.most_rows or len(everything) for score in applying):
        together = [score for score in applying if (score.most_rows or len(everything)) == most]
        found |= _scored(at_most(everything, most, seed=seed), together, seed=seed, repeats=repeats)
    return {score.name: found[score.name] for score in scores}


def _scored(rows: Prepared, scores: list[Score], *, seed: int, repeats: int) -> dict[str, Scored]:
    seconds = dict.fromkeys((score.name for score in scores), 0.0)

    def timed(score: Score, part: Prepared, number: int) -> float:
        started = time.perf_counter()
        value = score(part, seed=seed + number)
        seconds[score.name] += time.perf_counter() - started
        return value

    values = {score.name: timed(score, rows, 0) for score in scores}
    errors = _standard_errors(rows, scores, timed, draws=subsamples(rows, repeats=repeats, seed=seed))
    found = {}
    for score in scores:
        low, high = interval(values[score.name], score=score, error=errors[score.name])
        found[score.name] = Scored(
            value=values[score.name], low=low, high=high, rows=len(rows), seconds=seconds[score.name]
        )
    return found


class Error(Record):
    """A standard error from so many subsamples of so many units; None from fewer than two."""

    size: float | None
    subsamples: int
    units: int


def _standard_errors(
    rows: Prepared, scores: list[Score], timed: Callable[[Score, Prepared, int], float], *, draws: list[Subsample]
) -> dict[str, Error]:
    deviations: dict[str, list[tuple[float, float]]] = {score.name: [] for score in scores}
    for number, draw in enumerate(draws, 1):
        part = rows.take(draw.indices)
        for score in scores:
            enough = score.most_repeats is None or number <= score.most_repeats
            if enough and score.applies(part) is None:
                deviations[score.name].append((timed(score, part, number), draw.scale))
    units = draws[0].units if draws else 0
    return {name: _standard_error(pairs, units) for name, pairs in deviations.items()}


def _standard_error(pairs: list[tuple[float, float]], units: int) -> Error:
    if len(pairs) < 2:
        return Error(size=None, subsamples=len(pairs), units=units)
    values, scales = np.array(pairs).T
    squares = np.square(values - values.mean()) * len(values) / (len(values) - 1)
    return Error(size=float(np.sqrt((scales * squares).mean())), subsamples=len(values), units=units)


def interval(value: float, *, score: Score, error: Error) -> tuple[float | None, float | None]:
    """Student's t about the value; Wilson's for a proportion, so that 100 % of a few rows is not certain."""
    from scipy.special import stdtrit

    if error.size is None:
        return None, None
    quantile = float(stdtrit(min(error.subsamples, error.units) - 1, (1 + LEVEL) / 2))
    if not score.proportion:
        return value - quantile * error.size, value + quantile * error.size
    spread = value * (1 - value)
    size = spread / error.size**2 if spread > 0 and error.size > STEADY else error.units
    return wilson(value, size=size, quantile=quantile)
