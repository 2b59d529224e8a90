"""Which pretrained model: what was asked, what was measured of each candidate, and what was chosen."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from headstart.core.candidates import Limits, Skipped
from headstart.core.options import FitOptions
from headstart.core.record import Record
from headstart.core.strategy import MetricName, Reason

ALIKE = ("metric", "specificity", "image_size", "seed", "device", "precision", "validation", "test")
"""The options that a ranking and the fit after it share."""


class RankOptions(Record):
    """What the user may decide about a ranking.

    `models` are ids, shell patterns and folders (none: the catalogue, and what is on this machine); `everything` widens
    patterns to all that the libraries know; `limits` are hard. `items` is how many labelled items are looked at, at
    most. `strategy`
    is the recipe of the short trainings, and `fine_tune` False leaves them out; `budget` is in seconds of the whole
    ranking, and without one the short trainings may take `share` of the time that fine-tuning every candidate once
    would.
    """

    models: tuple[str, ...] = ()
    everything: bool = False
    limits: Limits = Limits()
    items: int = Field(default=2000, ge=10)
    strategy: str = "lp-ft"
    fine_tune: bool = True
    share: float = Field(default=0.35, gt=0, le=2)
    budget: float | None = Field(default=None, gt=0)
    metric: MetricName = "accuracy"
    specificity: float = Field(default=0.9, gt=0, lt=1)
    image_size: int | None = Field(default=None, ge=8, le=4096)
    seed: int = Field(default=0, ge=0, lt=2**32)
    device: str = "auto"
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    validation: float = Field(default=0.2, ge=0, lt=1)
    test: float = Field(default=0.2, ge=0, lt=1)


def alike(options: FitOptions | RankOptions) -> dict[str, Any]:
    """What the options of the one say for the other, by name."""
    return {name: getattr(options, name) for name in ALIKE}


class Interval(Record):
    """A number and the bounds of its 95 % interval."""

    value: float
    low: float
    high: float


class ScoreValue(Record):
    """A score and its 95 % interval; None where too few items can be left out to know one."""

    value: float
    low: float | None = None
    high: float | None = None


class Trial(Record):
    """One short training: the share of the recipe's steps that it took, and what it scored on `items` unseen items.

    `probe` is what the model's linear probe scored on the same items.
    """

    share: float
    fold: int
    items: int
    score: float
    probe: float
    seconds: float


class RankedModel(Record):
    """One candidate. `score` is in the unit of the goal, on items that trained nothing.

    `milliseconds` is one item on this machine. `prior` is what is known without the data, `scores` what its features
    say of them, `place` its average rank over these. `behind` is how far it probably is behind the best, in the goal's
    unit, with a 95 % interval; `tied` says that it cannot be told from the best. `score` is its best measured one.
    """

    id: str
    parameters: int | None = None
    width: int | None = None
    licence: str = "unknown"
    pretrained_on: str = ""
    revision: str = ""
    milliseconds: float
    prior: float | None = None
    prior_why: str = ""
    scores: dict[str, ScoreValue] = {}
    not_scored: dict[str, str] = {}
    place: float
    probe: Interval
    trials: tuple[Trial, ...] = ()
    score: float
    behind: Interval
    tied: bool
    seconds: dict[str, float] = {}


class Ranking(Record):
    """Candidates from best to worst; `order` are their ids, `chosen` the one to take.

    `items` counts the items that were looked at and those that were held out and not touched. `seconds` has one entry
    a phase and `total`; `exhaustive` is what fine-tuning every candidate once was estimated to take. `small` is a
    sentence on what this ranking shows of small models for these data.
    """

    format: Literal[1] = 1
    task: str
    metric: MetricName
    rows: tuple[RankedModel, ...]
    skipped: tuple[Skipped, ...] = ()
    order: tuple[str, ...]
    chosen: str
    tied: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    small: str = ""
    items: dict[str, int] = {}
    strategy: str
    exhaustive: float | None = None
    seconds: dict[str, float] = {}
    environment: dict[str, str] = {}
    data_name: str = ""
    data_fingerprint: str = ""
