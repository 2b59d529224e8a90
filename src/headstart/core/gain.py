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
    differently. `variance` names the shares of the estimate's variance, which add up to 1. `items_needed` is how many
    test items in all would probably decide an undetermined gain; None where it is decided, or where more items cannot.
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
