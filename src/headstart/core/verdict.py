"""Does transfer help: what is asked, what each arm reached, and the answer."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from headstart.core.gain import Band, Decision, Gain, LabelsSaved, LearningCurve
from headstart.core.record import Record

DEFAULT_BUDGET = 900.0
"""Seconds for all arms together."""

Role = Literal["transfer", "from nothing", "other"]
"""`from nothing` are the arms that do without pretrained weights: transfer has to beat every one of them."""


class VerdictOptions(Record):
    """What is to be compared, and how much it may cost.

    `budget` is in seconds of all arms together. `models` are further models to compare with, each by the strategy that
    was asked for. `margin` is the difference in a metric of 0..1 that one would care about. `repeats` None means five,
    or as many as the budget has room for. `curve` None draws a learning curve where the budget has room for it. The
    others mean what they mean in `FitOptions`.
    """

    model: str = "auto"
    strategy: str = "auto"
    models: tuple[str, ...] = ()
    budget: float = Field(default=DEFAULT_BUDGET, gt=0)
    margin: float = Field(default=0.01, ge=0, lt=1)
    repeats: int | None = Field(default=None, ge=2, le=100)
    curve: bool | None = None
    image_size: int | None = Field(default=None, ge=8, le=4096)
    channels: int | None = Field(default=None, ge=1, le=16)
    seed: int = Field(default=0, ge=0, lt=2**31)
    device: str = "auto"
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    validation: float = Field(default=0.2, ge=0, lt=1)
    test: float = Field(default=0.2, ge=0, lt=1)


class ArmFacts(Record):
    """How an arm was carried out.

    `steps` is what the budget allowed, `own_steps` what the method asks for by itself; both None where nothing is
    trained by steps. `mirrored` says whether mirror images turned out to be of use.
    """

    model: str
    method: str
    pretrained: bool
    steps: int | None = None
    own_steps: int | None = None
    mirrored: bool | None = None
    parameters: int = 0
    trained_parameters: int = 0
    notes: tuple[str, ...] = ()


class ArmResult(Record):
    """What one arm reached on the held-out items: a value and its seconds for each repeat.

    `low` and `high` are the 95 % interval of the mean. `facts` are those of the first repeat. `budget` is the seconds
    that the arm was allowed a repeat: the same for all.
    """

    name: str
    title: str
    role: Role
    facts: ArmFacts
    values: tuple[float, ...]
    low: float
    high: float
    seconds: tuple[float, ...]
    budget: float
    curve: LearningCurve | None = None

    @property
    def mean(self) -> float:
        """Of the repeats."""
        return sum(self.values) / len(self.values)


class Comparison(Record):
    """The gain of the arm `of` over the arm `over`, judged together with the other comparisons of a verdict (Holm)."""

    of: str
    over: str
    gain: Gain


class Verdict(Record):
    """Whether transfer helps, and all that the answer rests on.

    `gain` is that of the arm `transfer` over `control`: the best of the arms from nothing, or another one of them that
    transfer is not sure to beat. So `decision` is `helps` only where every one of them is beaten. `without_leaks`
    leaves out held-out items that have a copy in training. `comparisons` are all others: of the transfer arm with each
    of the rest, and of other models with the control.

    `labels` counts the labelled items that each arm was given, `items` the held-out ones. `seconds` is what everything
    took; `own_budget` would have room for all that training from scratch would take by itself, in five repeats.
    `seconds_saved` is how much sooner a pretrained arm has reached what the control ends with, None where none does.
    `labels_saved` is how many labels the control would need for what transfer reaches with all of them; `doubled` is
    what twice the labels would add to transfer. `folder` is where it lies, and not part of what is saved there.
    """

    format: Literal[1] = 1
    data_name: str
    metric: str
    noun: str
    margin: float
    repeats: int
    labels: int
    items: int
    held_out: str
    transfer: str
    control: str
    arms: tuple[ArmResult, ...]
    gain: Gain
    without_leaks: Gain | None = None
    comparisons: tuple[Comparison, ...] = ()
    decision: Decision
    sentence: str
    budget: float
    own_budget: float
    seconds: float
    seconds_saved: float | None = None
    labels_saved: LabelsSaved | None = None
    doubled: Band | None = None
    notes: tuple[str, ...] = ()
    folder: str = Field(default="", exclude=True)

    def arm(self, name: str) -> ArmResult:
        """The arm of that name."""
        return next(arm for arm in self.arms if arm.name == name)
