"""Precision, recall and F1 of entities: one counts where its first word, its last word and its label are all right.

The numbers are those of conlleval and of seqeval's default mode, to the last digit; their intervals resample texts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from headstart.core.evaluation import ClassRow, Evaluation
from headstart.core.tags import spans_of
from headstart.core.wilson import wilson
from headstart.metrics.intervals import LEVEL

Counts = npt.NDArray[np.int64]
RIGHT, FOUND, TRUE = range(3)
REPLICATES = 1000
MOST_UNITS = 20_000
FEW = 10


def entity_counts(predicted: Sequence[npt.NDArray[Any]], true: Sequence[npt.NDArray[Any]], *, labels: int) -> Counts:
    """int64 (N, 3, C): of each text and label the entities that are right, that were found, and that there are."""
    counts = np.zeros((len(true), 3, labels), np.int64)
    for place, (said, known) in enumerate(zip(predicted, true, strict=True)):
        found, there = (spans_of(np.asarray(tags)) for tags in (said, known))
        right = {tuple(span) for span in found.tolist()} & {tuple(span) for span in there.tolist()}
        counts[place, RIGHT] = np.bincount([span[2] for span in right], minlength=labels)
        counts[place, FOUND] = np.bincount(found[:, 2], minlength=labels)
        counts[place, TRUE] = np.bincount(there[:, 2], minlength=labels)
    return counts


def rates(right: Any, found: Any, true: Any) -> tuple[Any, Any, Any]:
    """Precision, recall and F1; 0 where there is nothing to divide by."""
    right, found, true = (np.asarray(values, np.float64) for values in (right, found, true))
    precision = right / np.where(found == 0, 1, found)
    recall = right / np.where(true == 0, 1, true)
    both = precision + recall
    return precision, recall, 2 * precision * recall / np.where(both == 0, 1, both)


def entity_f1(counts: Counts) -> float:
    """F1 over all entities of all labels."""
    return float(rates(*counts.sum(axis=(0, 2)))[2])


def measure_entities(counts: Counts, labels: Sequence[str], *, part: str) -> Evaluation:
    """All numbers of texts whose entities were counted (N, 3, C); intervals resample the texts."""
    total = counts.sum(axis=0)
    names = ("entity_precision", "entity_recall", "entity_f1")
    micro = dict(zip(names, map(float, rates(*total.sum(axis=1))), strict=True))
    metrics = {name: micro[name] for name in ("entity_f1", "entity_precision", "entity_recall")}
    intervals = _intervals(counts, micro) if len(counts) > 1 else {}
    by_label = zip(labels, total[TRUE], total[FOUND], *rates(*total), strict=True)
    rows = tuple(
        ClassRow(
            label=label,
            support=int(support),
            precision=float(precision) if found else None,
            recall=float(recall) if support else None,
            f1=float(f1) if support or found else None,
        )
        for label, support, found, precision, recall, f1 in by_label
    )
    return Evaluation(
        part=part,
        items=len(counts),
        metrics=metrics,
        intervals=intervals,
        resampled=f"{len(counts)} texts" if intervals else "",
        per_class=rows,
        notes=_notes(total[TRUE], labels),
    )


def _notes(true: Counts, labels: Sequence[str]) -> tuple[str, ...]:
    notes = []
    if not true.sum():
        notes.append("There is no entity in these texts: recall and F1 say nothing.")
    few = [f"'{label}'" for label, count in zip(labels, true, strict=True) if 0 < count < FEW]
    if few:
        shown = ", ".join(few[:5]) + (f" and {len(few) - 5} more" if len(few) > 5 else "")
        notes.append(f"Fewer than {FEW} entities are of {shown}: their numbers are rough.")
    return tuple(notes)


def _intervals(counts: Counts, values: dict[str, float]) -> dict[str, tuple[float, float]]:
    """95 % intervals: the bootstrap's standard error, in Wilson's formula."""
    sums = counts.sum(axis=2).astype(np.float64)
    random = np.random.default_rng(0)
    if len(sums) > MOST_UNITS:
        blocks = random.permutation(len(sums)) % MOST_UNITS
        sums = np.stack([np.bincount(blocks, weights=column, minlength=MOST_UNITS) for column in sums.T], axis=1)
    units = len(sums)
    drawn = np.empty((REPLICATES, 3))
    for place in range(REPLICATES):
        drawn[place] = np.bincount(random.integers(0, units, units), minlength=units) @ sums
    found = dict(zip(("entity_precision", "entity_recall", "entity_f1"), rates(*drawn.T), strict=True))
    evidence = {"entity_precision": sums[:, FOUND], "entity_recall": sums[:, TRUE], "entity_f1": sums[:, TRUE]}
    intervals = {}
    for name, replicates in found.items():
        value, error = values[name], float(replicates.std()) * np.sqrt(units / (units - 1))
        size = value * (1 - value) / error**2 if error > 1e-6 else float(evidence[name].sum())
        if size > 0:
            intervals[name] = wilson(value, size=size, quantile=_student(units - 1))
    return intervals


def _student(degrees: int) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(degrees, (1 + LEVEL) / 2))
