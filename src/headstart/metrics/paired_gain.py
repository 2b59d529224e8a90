"""What one arm has over another where the metric is a mean over test items, such as accuracy.

Both arms are trained R times in pairs (the same seed and the same training items for both) and tested on the same
items. `docs/evidence.md` explains the interval, and `benchmarks/README.md` shows that it holds what it says.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from headstart.core.gain import Gain
from headstart.metrics.gain_decision import (
    LEVEL,
    MARGIN,
    bounds,
    check_settings,
    decide,
    joined,
    sentence_of_one_repeat,
    two_sided,
)
from headstart.metrics.more_data import Needed, needed
from headstart.metrics.outcome import Integers
from headstart.metrics.two_way import Doubles, TwoWay, two_way
from headstart.metrics.units import units_of

FEW_UNITS = 20


def paired_gain(
    transfer: npt.NDArray[Any],
    control: npt.NDArray[Any],
    *,
    groups: Integers | None = None,
    margin: float = MARGIN,
    level: float = LEVEL,
    shared_items: bool = True,
) -> Gain:
    """The mean difference of the scores of two arms, with its interval and decision.

    Scores are (R, N) in 0..1, such as 1 where an item is right: R repeats in pairs, N test items, the same in all
    repeats. `groups` (N,) are codes of what belongs together, such as the photos of one patient, -1 for an item on its
    own; they count as one unit. Without `shared_items` each repeat has N test items of its own that no other repeat
    has tested or trained on, and only the spread of the repeats counts; where repeats draw their test items anew from
    the same data, that is too narrow, and `resampled_gain` is the one to use.

    Raises `ValueError` for scores that are not of this kind, and for fewer than two units.
    """
    check_settings(margin=margin, level=level)
    differences = _differences(transfer, control)
    repeats, items = differences.shape
    disagreement = float((differences != 0).mean())
    if not shared_items and repeats > 1:
        spread = gain_of_repeats(differences.mean(axis=1), factor=1 / repeats, margin=margin, level=level)
        return spread.model_copy(update={"items": repeats * items, "disagreement": disagreement})
    table = two_way(_by_unit(differences, groups))
    return gain_of_table(table, items=items, disagreement=disagreement, margin=margin, level=level)


def resampled_gain(
    differences: npt.NDArray[Any],
    *,
    train_items: int,
    test_items: int,
    disagreement: float = math.nan,
    margin: float = MARGIN,
    level: float = LEVEL,
) -> Gain:
    """The gain from repeated random splits, or repeated cross-validation, of one set of items.

    `differences` (R,) are those of each split's test part; `train_items` and `test_items` are the sizes of the parts of
    one split. Splits share items, so their spread is too small by far: the corrected resampled t of Nadeau and Bengio
    2003, which takes the variance of the mean as (1 / R + test / train) times that of one split.

    Raises `ValueError` for fewer than two splits.
    """
    check_settings(margin=margin, level=level)
    values = np.asarray(differences, np.float64)
    if values.ndim != 1 or len(values) < 2 or not np.isfinite(values).all() or np.abs(values).max() > 1:
        raise ValueError("differences are (R,) numbers of -1..1, of at least two splits")
    if train_items < 1 or test_items < 1:
        raise ValueError(f"{train_items} training and {test_items} test items of a split")
    factor = 1 / len(values) + test_items / train_items
    gain = gain_of_repeats(values, factor=factor, margin=margin, level=level)
    return gain.model_copy(update={"items": test_items, "disagreement": disagreement})


def gain_of_repeats(values: Doubles, *, factor: float, margin: float, level: float) -> Gain:
    """The gain from one value a repeat, whose mean has `factor` times the variance of one. Student's t."""
    degrees = len(values) - 1.0
    error = float(values.std(ddof=1)) * math.sqrt(factor)
    estimate = float(values.mean())
    low, high = bounds(estimate, error=error, degrees=degrees, level=level)
    same = "" if error > 0 else "All repeats have the same difference, which says nothing of how much they can differ."
    return Gain(
        estimate=estimate,
        low=low if error > 0 else -1.0,
        high=high if error > 0 else 1.0,
        level=level,
        margin=margin,
        decision=decide(low, high, margin=margin) if error > 0 else "undetermined",
        p_value=two_sided(estimate, error=error, degrees=degrees) if error > 0 else 1.0,
        repeats=len(values),
        items=0,
        disagreement=math.nan,
        standard_error=error if error > 0 else math.inf,
        degrees=degrees,
        notes=joined(same),
    )


def gain_of_table(table: TwoWay, *, items: int, disagreement: float, margin: float, level: float) -> Gain:
    """The gain that a table of repeats x units gives; `items` are those behind the units."""
    error, degrees = math.sqrt(table.variance()), table.degrees()
    low, high = bounds(table.mean, error=error, degrees=degrees, level=level)
    decision = decide(low, high, margin=margin)
    more = needed(table, margin=margin, level=level) if decision == "undetermined" else Needed()
    units = "test items" if table.units == items else "groups of test items"
    few = f"The interval rests on {table.units} {units}, which is few." if table.units < FEW_UNITS else ""
    return Gain(
        estimate=table.mean,
        low=low,
        high=high,
        level=level,
        margin=margin,
        decision=decision,
        p_value=two_sided(table.mean, error=error, degrees=degrees),
        repeats=table.repeats,
        items=items,
        disagreement=disagreement,
        variance=table.shares,
        items_needed=None if more.units is None else math.ceil(more.units * items / table.units),
        repeats_needed=more.repeats,
        standard_error=error,
        degrees=degrees,
        notes=joined(sentence_of_one_repeat() if table.repeats == 1 else "", few),
    )


def _differences(transfer: npt.NDArray[Any], control: npt.NDArray[Any]) -> Doubles:
    ours, theirs = np.asarray(transfer, np.float64), np.asarray(control, np.float64)
    if ours.ndim != 2 or ours.shape != theirs.shape or not ours.size:
        raise ValueError(f"scores of shape {ours.shape} and {theirs.shape}: both are (repeats, items)")
    for scores in (ours, theirs):
        if not (np.isfinite(scores).all() and scores.min() >= 0 and scores.max() <= 1):
            raise ValueError("scores are numbers of 0..1")
    return ours - theirs


def _by_unit(differences: Doubles, groups: Integers | None) -> Doubles:
    """(R, G) cells whose mean over units is that over items, however many items a group has.

    A group's cell is its sum of deviations from the overall mean, on the scale of items: what a ratio of sums, the mean
    of all items, owes to that group.
    """
    items = differences.shape[1]
    unit_of, units = units_of(items, groups)
    if units < 2:
        raise ValueError(f"{units} unit of test items: an interval takes two")
    if units == items:
        return differences
    mean = differences.mean()
    order = np.argsort(unit_of, kind="stable")
    starts = np.searchsorted(unit_of[order], np.arange(units))
    sums = np.add.reduceat((differences - mean)[:, order], starts, axis=1)
    return np.asarray(mean + sums * (units / items))
