"""The difference between two arms, with what is known of it, and how accuracy grows with the number of labels."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from headstart.core.record import Record

Decision = Literal["helps", "hurts", "equivalent", "undetermined"]


class Gain(Record):
    """What one arm has over another in a metric of 0..1, paired over repeats and test items.

    `low` and `high` bound it at `level`; the decision compares them with `margin` on either side of zero. `p_value` is
    two-sided, of a gain of zero. `disagreement` is the share of test items on which two paired models score
    differently; NaN where it is not known. `variance` names the shares of the estimate's variance ("repeats", "test
    items", "both"), which add up to 1; it is empty where a single repeat, or none of the test items, can tell.

    `items_needed` is how many test items in all would probably decide an undetermined gain, and `repeats_needed` how
    many repeats in all. Where both are given, it takes both. Both are None where it is decided, or where neither can.
    `standard_error` and `degrees` of freedom are those of the interval. `notes` are sentences for a person.
    """

    estimate: float
    low: float
    high: float
    level: float = Field(default=0.95, gt=0, lt=1)
    margin: float = Field(default=0.01, ge=0)
    decision: Decision
    p_value: float
    repeats: int
    items: int
    disagreement: float
    variance: dict[str, float] = {}
    items_needed: int | None = None
    repeats_needed: int | None = None
    standard_error: float = float("nan")
    degrees: float = float("nan")
    notes: tuple[str, ...] = ()


class CurvePoint(Record):
    """What an arm reached with so many labelled training items, one value of 0..1 a repeat."""

    labels: int
    values: tuple[float, ...]


class LearningCurve(Record):
    """A value of 0..1 against the number of labels n: `ceiling - drop * n ** -rate`, and the points it was fitted to.

    `spread` is the standard deviation of a point's mean around the curve. A curve that cannot be told from a flat one
    has rate 0.
    """

    points: tuple[CurvePoint, ...]
    ceiling: float
    drop: float
    rate: float
    spread: float


class Band(Record):
    """A number that is read off a curve, with the band that holds it at `level`."""

    estimate: float
    low: float
    high: float
    level: float = Field(default=0.95, gt=0, lt=1)


class LabelsSaved(Record):
    """How many labels an arm without transfer would need to reach what transfer reaches with `at` labels.

    `reached` is that value. `needed` is None where it lies beyond what can be said from the labels that were measured;
    `low` then still holds: at least so many. `high` is None where no number bounds it from above. `saved` is `needed`
    less `at`, and below zero where transfer costs labels.
    """

    at: int
    reached: float
    needed: int | None
    low: int
    high: int | None
    level: float = Field(default=0.95, gt=0, lt=1)

    @property
    def saved(self) -> int | None:
        """Labels that transfer saves; None where that is beyond what can be said."""
        return None if self.needed is None else self.needed - self.at
