"""Everything that an evaluation says, from probabilities and truth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from headstart.core.dataset import Indices
from headstart.core.errors import DataError
from headstart.core.evaluation import Evaluation, GroupRow
from headstart.metrics.calibration import reliability
from headstart.metrics.intervals import Resampled, interval
from headstart.metrics.outcome import Integers, Outcome
from headstart.metrics.per_class import MOST_CONFUSION_CLASSES, class_rows, confusion_matrix, group_rows
from headstart.metrics.table import METRICS
from headstart.metrics.weighted import Once

FEW_ITEMS, FEW_UNITS = 10, 10


def measure(
    probabilities: npt.NDArray[Any],
    targets: npt.NDArray[Any],
    labels: Sequence[str],
    *,
    part: str = "test",
    groups: Integers | None = None,
    group_names: Sequence[str] = (),
    thresholds: Sequence[float] = (),
    leaked: Indices | None = None,
) -> Evaluation:
    """Measure probabilities (N, C) against class indices (N,), or against 0 and 1 (N, C) for multi-label data.

    `groups` (N,) are codes into `group_names`, -1 for an item without a group; intervals resample whole groups.
    `thresholds` are those of `ModelRecord.thresholds`. `leaked` holds the positions of items that training has seen, or
    a duplicate of them: the numbers are given with all items, and without these. Raises `ModelError` for probabilities
    that are not numbers and `DataError` where there is no item.
    """
    outcome = Outcome.of(probabilities, targets, labels=labels, thresholds=thresholds)
    evaluation = _evaluate(outcome, part, groups, group_names)
    if leaked is None or not len(leaked):
        return evaluation
    clean = np.ones(len(outcome), np.bool_)
    clean[leaked] = False
    return _with_clean_numbers(evaluation, outcome, groups, group_names, clean)


def _with_clean_numbers(
    evaluation: Evaluation,
    outcome: Outcome,
    groups: Integers | None,
    names: Sequence[str],
    clean: npt.NDArray[np.bool_],
) -> Evaluation:
    count = int((~clean).sum())
    note = f"{count} of {len(outcome)} items have a duplicate in the training data, which makes the numbers too good."
    if not clean.any():
        note = f"All {count} items have a duplicate in the training data: the numbers say nothing about new data."
        return evaluation.model_copy(update={"notes": (note, *evaluation.notes)})
    kept = _evaluate(outcome.take(clean), evaluation.part, None if groups is None else groups[clean], names)
    return evaluation.model_copy(update={"notes": (note, *evaluation.notes), "without_leaks": kept})


def _evaluate(outcome: Outcome, part: str, groups: Integers | None, names: Sequence[str]) -> Evaluation:
    once, resampled = Once(outcome), Resampled(outcome, groups)
    metrics: dict[str, float] = {}
    intervals: dict[str, tuple[float, float]] = {}
    undefined: list[str] = []
    for name in _applicable(outcome):
        metric = METRICS[name]
        try:
            metrics[name] = float(metric.compute(once)[0])
        except DataError as error:
            undefined.append(str(error))
            continue
        found = interval(metric, metrics[name], resampled=resampled, units=resampled.units)
        if found:
            intervals[name] = found
    rows: tuple[GroupRow, ...] = () if groups is None else group_rows(outcome, groups, names)
    return Evaluation(
        part=part,
        items=len(outcome),
        metrics=metrics,
        intervals=intervals,
        resampled=_describe_units(outcome, resampled, groups) if intervals else "",
        per_class=class_rows(once),
        confusion=confusion_matrix(outcome),
        reliability=reliability(outcome),
        per_group=rows,
        positive=outcome.labels[1] if outcome.binary else "",
        thresholds=outcome.thresholds,
        notes=(*undefined, *_notes(outcome, resampled, groups)),
    )


def _applicable(outcome: Outcome) -> list[str]:
    """The metrics that are about this kind of data at all."""
    left_out = {"micro_f1", "hamming_loss"} if not outcome.multi_label else set()
    if not outcome.binary:
        left_out |= {"sensitivity", "specificity"}
    return [name for name in METRICS if name not in left_out]


def _describe_units(outcome: Outcome, resampled: Resampled, groups: Integers | None) -> str:
    return f"{len(outcome)} items" if groups is None else f"{resampled.units} groups"


def _notes(outcome: Outcome, resampled: Resampled, groups: Integers | None) -> list[str]:
    notes = []
    missing, few = (
        _names(outcome, outcome.support == 0),
        _names(outcome, (outcome.support > 0) & (outcome.support < FEW_ITEMS)),
    )
    if missing:
        notes.append(f"No item is of {missing}: means over classes leave that out.")
    if few:
        notes.append(f"Fewer than {FEW_ITEMS} items are of {few}: their numbers, and means over classes, are rough.")
    units = "items" if groups is None else "groups"
    if resampled.units < 2:
        notes.append(f"There are no intervals: they take at least two {units}.")
    elif resampled.units < FEW_UNITS:
        notes.append(f"The intervals rest on {resampled.units} {units}, which is few.")
    if len(outcome.labels) > MOST_CONFUSION_CLASSES and not outcome.multi_label:
        notes.append(f"The confusion matrix is left out: there are more than {MOST_CONFUSION_CLASSES} classes.")
    return notes


def _names(outcome: Outcome, chosen: npt.NDArray[np.bool_]) -> str:
    names = [outcome.labels[index] for index in np.flatnonzero(chosen)]
    shown = ", ".join(f"'{name}'" for name in names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    return f"{'class' if len(names) == 1 else 'classes'} {shown}" if names else ""
