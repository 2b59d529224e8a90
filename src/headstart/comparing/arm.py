"""What an arm is, and the usual one: options that the one planner plans and the one `execute` carries out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from headstart.choosing import steps_of
from headstart.combining import combine
from headstart.core.card import InputFacts
from headstart.core.dataset import Dataset, Part
from headstart.core.options import FitOptions
from headstart.core.record import Record
from headstart.core.run_record import RunRecord
from headstart.core.strategy import Plan
from headstart.core.verdict import ArmFacts, Role, VerdictOptions
from headstart.execution import execute
from headstart.floor import on_features
from headstart.pacing import within_budget
from headstart.planning import plan
from headstart.structured import execute_structured
from headstart.tasks import TASKS


class Entry(Record):
    """One arm of a comparison, ready to be planned.

    With `fresh`, the network has fresh weights in place of its pretrained ones, and all else stays as it is. An arm
    that makes no use of validation data learns from them, too (`learns_from_validation`): labels are what is equal.
    `arm` is the name of the arm that carries it out.
    """

    arm: str
    name: str
    title: str
    role: Role
    options: FitOptions
    fresh: bool = False
    learns_from_validation: bool = False


@dataclass(frozen=True)
class Bout:
    """One repeat of one arm: its data with their parts, its seed and its seconds.

    `mirrored` says whether mirror images turned out to be of use to the transfer arm; None where nobody has tried.
    `pace` is what a training item of the chosen model takes in seconds, `load` what loading it takes.
    """

    dataset: Dataset
    seed: int
    budget: float
    mirrored: bool | None = None
    pace: float | None = None
    load: float = 0.0


@dataclass(frozen=True)
class Answer:
    """What an arm says of the held-out items, and how it came to say it.

    `probabilities` are (N, C), or where targets are more than labels the task's answers (N,).
    """

    probabilities: npt.NDArray[Any]
    facts: ArmFacts


class Arm(Protocol):
    """One way to answer, or several of a kind: one file in `comparing/`. `tasks` are those that it can answer."""

    name: str
    tasks: tuple[str, ...]

    def entries(self, asked: VerdictOptions) -> tuple[Entry, ...]:
        """What takes part in a comparison; nothing where the arm has no place in it."""
        ...

    def answer(self, entry: Entry, bout: Bout) -> Answer:
        """Carry out one repeat."""
        ...


class Planned:
    """An arm that is a plan of `planning`, carried out as any fit is."""

    tasks: tuple[str, ...] = tuple(TASKS)

    def answer(self, entry: Entry, bout: Bout) -> Answer:
        """Plan for these data, this seed and this budget, and carry it out."""
        dataset = learnt_from(bout.dataset) if entry.learns_from_validation else bout.dataset
        planned = planned_for(entry, dataset, bout)
        single = execute_structured if dataset.structured else execute
        carry_out = single if planned.combination is None else combine
        outcome = carry_out(planned, dataset)
        return Answer(np.asarray(outcome.held_out), facts_of(outcome.record))


def planned_for(entry: Entry, dataset: Dataset, bout: Bout) -> Plan:
    """The plan of an arm for the data of one repeat."""
    planned = plan(dataset, entry.options.model_copy(update={"seed": bout.seed, "budget": bout.budget}))
    if entry.fresh:
        planned = planned.model_copy(update={"pretrained": False})
    if bout.mirrored is not None and planned.combination is None:
        # Whether a mirror image still shows the same thing is a fact about the data: no arm is to be worse off for not
        # having looked.
        strategy = planned.strategy.model_copy(update={"flips": bout.mirrored})
        planned = planned.model_copy(update={"strategy": strategy})
    return _with_steps(planned, dataset, bout)


def _with_steps(planned: Plan, dataset: Dataset, bout: Bout) -> Plan:
    """The plan with the steps that its budget allows, by the pace that was measured once for all repeats.

    So they have the same number in each, and no clock breaks one off. A combination sets its own steps.
    """
    if bout.pace is None or planned.combination is not None or on_features(planned):
        return planned
    side, facts = planned.strategy.train_size, planned.input
    area = facts.size[0] * facts.size[1] if isinstance(facts, InputFacts) else None
    counts = [len(dataset.indices(part)) for part in (Part.TRAIN, Part.VALIDATION, Part.TEST)]
    found = within_budget(
        planned,
        items=counts[0],
        validated=counts[1],
        tested=counts[2],
        item_seconds=bout.pace * (1.0 if side is None or area is None else side**2 / area),
        spent=bout.load,
    )
    return found.model_copy(update={"budget": None})


def learnt_from(dataset: Dataset) -> Dataset:
    """The data set with its validation items in the training part."""
    parts = np.where(dataset.parts == Part.VALIDATION, Part.TRAIN, dataset.parts).astype(np.int8)
    return replace(dataset, parts=parts)


def facts_of(record: RunRecord) -> ArmFacts:
    """What is to be known of a run that took part in a comparison."""
    plan, stepped = record.plan, not on_features(record.plan) or record.plan.strategy.solver == "gradient"
    whole = plan.strategy.model_copy(update={"steps": None})
    everything = plan.combination is not None or plan.strategy.contrast is not None
    items = record.items["train"] + (record.items["validation"] if everything else 0)
    return ArmFacts(
        model=plan.model,
        method=plan.strategy.method,
        pretrained=plan.pretrained,
        steps=plan.strategy.steps or steps_of(whole, items, 1.0) if stepped else None,
        own_steps=steps_of(whole, items, 1.0) if stepped else None,
        mirrored=plan.mirrored if plan.combination is not None else None,
        parameters=record.parameters,
        trained_parameters=record.trained_parameters,
        notes=record.notes,
    )


def fit_options(asked: VerdictOptions, *, strategy: str, model: str = "") -> FitOptions:
    """The options of a fit with which an arm is planned.

    What `auto` makes is kept to one network, as from-scratch training gives one: they then cost the same in use.
    """
    return FitOptions(
        model=model or asked.model,
        strategy=strategy,
        image_size=asked.image_size,
        channels=asked.channels,
        device=asked.device,
        precision=asked.precision,
        validation=asked.validation,
        test=asked.test,
        single=True,
    )
