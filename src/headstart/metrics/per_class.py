"""The tables of an evaluation: a row for each label, the confusion matrix, a row for each group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from headstart.core.errors import DataError
from headstart.core.evaluation import ClassRow, GroupRow
from headstart.metrics.outcome import Array, Integers, Outcome
from headstart.metrics.ratio import ratio
from headstart.metrics.table import METRICS
from headstart.metrics.weighted import Once

MOST_CONFUSION_CLASSES = 256
GROUP_METRICS = ("accuracy", "macro_f1")


def class_rows(once: Once) -> tuple[ClassRow, ...]:
    """One row a label, in the order of the labels."""
    right, predicted, support = (column[:, 0] for column in once.counts[:3])
    columns: tuple[Array, ...] = (
        ratio(right, predicted),
        ratio(right, support),
        ratio(2 * right, support + predicted),
        once.ranking.auroc[:, 0],
        once.ranking.average_precision[:, 0],
    )
    names = ("precision", "recall", "f1", "auroc", "average_precision")
    return tuple(
        ClassRow(label=label, support=int(count), **_defined(names, values))
        for label, count, *values in zip(once.outcome.labels, support, *columns, strict=True)
    )


def confusion_matrix(outcome: Outcome) -> tuple[tuple[int, ...], ...]:
    """Items by true (rows) and predicted (columns) label; empty for multi-label data and over 256 classes."""
    classes = len(outcome.labels)
    if outcome.multi_label or classes > MOST_CONFUSION_CLASSES:
        return ()
    cells = outcome.targets.astype(np.int64) * classes + outcome.predicted
    table = np.bincount(cells, minlength=classes**2).reshape(classes, classes)
    return tuple(tuple(int(count) for count in row) for row in table)


def group_rows(outcome: Outcome, groups: Integers, names: Sequence[str]) -> tuple[GroupRow, ...]:
    """One row for each group that has items, in the order of the codes; items without a group (-1) are left out.

    AUROC is there for two classes only: with more, a group hardly ever has what it takes.
    """
    order = np.argsort(groups, kind="stable")
    codes, starts = np.unique(groups[order], return_index=True)
    parts = np.split(order, starts[1:])
    return tuple(
        GroupRow(group=names[code], items=len(part), metrics=_group_metrics(outcome.take(part)))
        for code, part in zip(codes, parts, strict=True)
        if code >= 0
    )


def _group_metrics(outcome: Outcome) -> dict[str, float]:
    once, found = Once(outcome), {}
    for name in (*GROUP_METRICS, "auroc") if outcome.binary else GROUP_METRICS:
        try:
            found[name] = float(METRICS[name].compute(once)[0])
        except DataError:  # a group often lacks a class: its row then has no such number, which is what the reader sees
            continue
    return found


def _defined(names: Sequence[str], values: Sequence[Any]) -> dict[str, float]:
    return {name: float(value) for name, value in zip(names, values, strict=True) if not np.isnan(value)}
