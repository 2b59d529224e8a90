"""A budget for all arms together, and the pace of this machine -> how many repeats, and how long each of them may take.

Every arm may take the same time a repeat. What an arm is known not to need goes to all that can use it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from headstart.choosing import RESERVE
from headstart.comparing.arm import Entry
from headstart.comparing.draws import LEAST_A_CLASS
from headstart.comparing.speed import Pace, measure
from headstart.core.dataset import Dataset, Part
from headstart.core.record import Record
from headstart.core.verdict import VerdictOptions
from headstart.pacing import MOST_OF_SCRATCH

REPEATS, LEAST_REPEATS = 5, 3
"""To either side, a t interval reaches 2.8 standard errors with five pairs, 4.3 with three, and 12.7 with two."""
LEAST_SHARE = 0.25
"""Of what training from scratch takes by itself: with less of it, fewer repeats are made."""
SHARES = (1 / 8, 1 / 4, 1 / 2)
"""Of the labels, for the learning curve; the whole is what the arms are compared with anyway."""
LEAST_SHARES = 2
CURVE_REPEATS = 3


class Design(Record):
    """How a comparison is carried out, decided before its first cell and kept: who, how often, how long at most.

    `shares` are those of the learning curve, none where it is not drawn. `seconds` are those of one repeat of one arm.
    With `own_budget`, training from scratch would have time for all that it takes by itself.
    """

    entries: tuple[Entry, ...]
    pace: Pace
    repeats: int
    seconds: float
    shares: tuple[float, ...] = ()
    own_budget: float
    notes: tuple[str, ...] = ()

    def seconds_for(self, share: float) -> float:
        """What a repeat with a share of the labels may take: as many passes over them as over all."""
        fixed = min(self.pace.overhead, self.seconds)
        return fixed + share * (self.seconds - fixed)


@dataclass(frozen=True)
class _Layout:
    """How many repeats of the arms, how long each, and how many repeats of the curve at least."""

    repeats: int
    seconds: float
    curve_repeats: int


def design(dataset: Dataset, options: VerdictOptions, entries: tuple[Entry, ...]) -> Design:
    """Measure the pace of the chosen model and lay out the comparison."""
    pace = measure(dataset, entries)
    needs = [_need(entry, pace) for entry in entries]
    shares, why_not = _shares(dataset)
    enough = pace.overhead + LEAST_SHARE * pace.scratch
    chosen = _laid_out(options, needs, enough, shares=shares if options.curve is not False else ())
    notes = []
    if not chosen.curve_repeats and options.curve is not False:
        no_room = "No learning curve was drawn: the budget has no room for it. --curve draws one all the same."
        notes.append(why_not or no_room)
    if chosen.repeats < REPEATS and options.repeats is None:
        needed = cost(needs, enough, repeats=REPEATS)
        notes.append(
            f"The budget of {options.budget:.0f} s has room for {chosen.repeats} repeats of each arm, where five are "
            f"usual; about {needed:.0f} s would do for five."
        )
    if chosen.seconds < pace.overhead:
        least = cost(needs, pace.overhead, repeats=chosen.repeats)
        notes.append(
            f"The budget of {options.budget:.0f} s is too short for this machine: without any training, the arms take "
            f"about {least:.0f} s to load the model and to look at the data."
        )
    own = (pace.overhead + pace.scratch) / RESERVE
    return Design(
        entries=entries,
        pace=pace,
        repeats=chosen.repeats,
        seconds=chosen.seconds,
        shares=shares if chosen.curve_repeats else (),
        own_budget=cost(needs, own, repeats=REPEATS, curve=_curve_cells(shares, chosen.curve_repeats)),
        notes=tuple(notes),
    )


def cost(needs: Sequence[float], seconds: float, *, repeats: int, curve: float = 0.0) -> float:
    """The seconds of a comparison of which no arm takes more than `seconds` a repeat; `needs` are the most of use.

    `curve` is how many whole repeats of one arm a learning curve takes.
    """
    return repeats * sum(min(seconds, need) for need in needs) + curve * seconds


def seconds_of_a_repeat(needs: Sequence[float], *, budget: float, repeats: int, curve: float = 0.0) -> float:
    """The seconds that every arm may take a repeat so that all of them take the budget."""
    low, high = 0.0, min(budget, max(needs))
    if cost(needs, high, repeats=repeats, curve=curve) <= budget:
        return high
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if cost(needs, middle, repeats=repeats, curve=curve) <= budget else (low, middle)
    return low


def _need(entry: Entry, pace: Pace) -> float:
    """The seconds of a repeat that are of use to an arm."""
    if entry.options.strategy == "linear-probe":
        return pace.overhead
    if entry.options.strategy == "scratch":
        return (pace.overhead + MOST_OF_SCRATCH * pace.scratch) / RESERVE
    return math.inf


def _laid_out(options: VerdictOptions, needs: Sequence[float], enough: float, *, shares: tuple[float, ...]) -> _Layout:
    """The most that leaves every repeat enough: first fewer repeats of the curve, then none, then fewer of the arms."""
    curves = range(CURVE_REPEATS, -1, -1) if shares else (0,)
    asked = [options.repeats] if options.repeats is not None else range(REPEATS, LEAST_REPEATS - 1, -1)
    least = 1 if shares and options.curve else 0

    def layout(repeats: int, curve: int) -> _Layout:
        cells = _curve_cells(shares, curve)
        seconds = seconds_of_a_repeat(needs, budget=options.budget, repeats=repeats, curve=cells)
        return _Layout(repeats, seconds, curve)

    rungs = [layout(repeats, curve) for repeats in asked for curve in curves if curve >= least]
    return next((rung for rung in rungs if rung.seconds >= enough), rungs[-1])


def _curve_cells(shares: tuple[float, ...], repeats: int) -> float:
    """How many whole repeats of an arm the learning curve takes: two arms, fewer labels."""
    return 2 * repeats * sum(shares)


def _shares(dataset: Dataset) -> tuple[tuple[float, ...], str]:
    """The shares of the labels that leave every class a few, and why there are none."""
    known = dataset.part(Part.TRAIN, Part.VALIDATION).simplified()
    counts = known.targets.sum(axis=0) if known.multi_label else np.bincount(known.targets)
    rarest = int(counts[counts > 0].min())
    shares = tuple(share for share in SHARES if round(share * rarest) >= LEAST_A_CLASS)
    if len(shares) < LEAST_SHARES:  # as few as there can be, and one in between
        counts = sorted({LEAST_A_CLASS, round(math.sqrt(LEAST_A_CLASS * rarest))} - {rarest})
        shares = tuple(count / rarest for count in counts if LEAST_A_CLASS <= count < rarest)
    shares = shares if len(shares) >= LEAST_SHARES else ()
    why = f"No learning curve was drawn: the rarest class has {rarest} labelled items, too few to take some away."
    return shares, "" if shares else why
