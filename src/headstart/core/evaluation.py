"""How good a model was on one set of items: numbers, their intervals, and the tables behind them."""

from __future__ import annotations

from headstart.core.record import Record


class ClassRow(Record):
    """One label against all others; None where the number is not defined.

    `support` counts the items, or pixels, that have it. `iou` is the intersection over union of its pixels, for masks.
    """

    label: str
    support: int
    precision: float | None = None
    recall: float | None = None
    f1: float | None = None
    iou: float | None = None
    auroc: float | None = None
    average_precision: float | None = None
    average_precision_50: float | None = None


class ReliabilityBin(Record):
    """Predictions of like confidence: their mean confidence, and the fraction of them that was right."""

    count: int
    confidence: float
    accuracy: float


class GroupRow(Record):
    """The numbers of one group's items, such as one patient's."""

    group: str
    items: int
    metrics: dict[str, float] = {}


class Evaluation(Record):
    """The numbers of a model on one part of the data. A number that is not defined is missing, and a note says why.

    `intervals` are 95 % intervals of the metrics of the same names; `resampled` says what they resample and how many of
    it there are. Rows of `confusion` are true labels and columns predicted ones, in the order of `per_class`; it is
    empty for multi-label data and for very many classes. `positive` is the label that sensitivity and specificity are
    about. `thresholds` are those the predictions were made with; none where the most probable label was taken.
    `without_leaks` leaves out the items that have a duplicate in the training data.
    """

    part: str
    items: int
    metrics: dict[str, float]
    intervals: dict[str, tuple[float, float]] = {}
    resampled: str = ""
    per_class: tuple[ClassRow, ...] = ()
    confusion: tuple[tuple[int, ...], ...] = ()
    reliability: tuple[ReliabilityBin, ...] = ()
    per_group: tuple[GroupRow, ...] = ()
    positive: str = ""
    thresholds: tuple[float, ...] = ()
    without_leaks: Evaluation | None = None
    notes: tuple[str, ...] = ()
