"""From probabilities to decisions: the most probable label, or every label that reaches its threshold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from headstart.core.errors import OptionError
from headstart.core.prediction import Prediction

Probabilities = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Rule:
    """How probabilities (N, C) become labels.

    `thresholds` has one entry a label for multi-label data (none: 0.5 each). For two classes it may have one, which the
    second label has to reach. Otherwise the most probable label is taken, the first of equals; where its probability is
    below `least`, no label is given. `top` is how many labels are listed, with their probabilities.
    """

    multi_label: bool = False
    thresholds: tuple[float, ...] = ()
    least: float = 0.0
    top: int = 1


def with_threshold(rule: Rule, threshold: float, *, labels: int) -> Rule:
    """The rule with the user's one threshold in the place of those chosen on validation data.

    It is what each label has to reach (multi-label), what the second label has to reach (two classes), or what the most
    probable label has to reach to be given at all (more classes). Raises `OptionError` outside of 0..1.
    """
    check_threshold(threshold)
    if rule.multi_label:
        return Rule(True, (threshold,) * labels, rule.least, rule.top)
    if labels == 2:
        return Rule(False, (threshold,), rule.least, rule.top)
    return Rule(False, (), threshold, rule.top)


def check_threshold(threshold: float) -> None:
    """Raise `OptionError` outside of 0..1."""
    if not 0 <= threshold <= 1:
        raise OptionError(f"A threshold of {threshold} is not allowed.", hint="It is a probability, from 0 to 1.")


def decide(probabilities: Probabilities, *, multi_label: bool, thresholds: Sequence[float] = ()) -> npt.NDArray[Any]:
    """Class indices int64 (N,), or bool (N, C) for multi-label data. Of equally probable classes the first is taken."""
    classes = probabilities.shape[1]
    if multi_label:
        each = np.asarray(thresholds if len(thresholds) else [0.5] * classes)
        if len(each) != classes:
            raise ValueError(f"{len(each)} thresholds for {classes} labels")
        return np.asarray(probabilities >= each)
    if not len(thresholds):
        return np.asarray(probabilities.argmax(axis=1))
    if len(thresholds) != 1 or classes != 2:
        raise ValueError(f"{len(thresholds)} thresholds for {classes} classes: only two classes take one")
    return np.asarray(probabilities[:, 1] >= np.float64(thresholds[0]), np.int64)


def top_labels(probabilities: Probabilities, *, count: int) -> npt.NDArray[np.int64]:
    """(N, min(count, C)) indices of the most probable labels, best first; of equals the first label comes first."""
    classes = probabilities.shape[1]
    count = min(count, classes)
    if count == 1:
        return np.asarray(probabilities.argmax(axis=1)[:, None])
    return np.argsort(-probabilities, axis=1, kind="stable")[:, :count].astype(np.int64)


def predictions(
    items: Sequence[str], *, probabilities: Probabilities, labels: Sequence[str], rule: Rule
) -> Iterator[Prediction]:
    """One `Prediction` for each of N items, in order, from probabilities (N, C)."""
    chosen = decide(probabilities, multi_label=rule.multi_label, thresholds=rule.thresholds)
    best = top_labels(probabilities, count=max(rule.top, 1))
    for item, row, choice, order in zip(items, probabilities, chosen, best, strict=True):
        top = tuple((labels[index], float(row[index])) for index in order.tolist())
        if rule.multi_label:
            given = np.flatnonzero(choice).tolist()
            yield Prediction(item, labels=tuple((labels[index], float(row[index])) for index in given), top=top)
        elif row[choice] < rule.least:
            yield Prediction(item, label="", probability=float(row[choice]), top=top)
        else:
            yield Prediction(item, label=labels[choice], probability=float(row[choice]), top=top)
