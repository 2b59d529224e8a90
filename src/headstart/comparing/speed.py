"""How fast the chosen model is on this machine: measured once, so that all repeats of an arm have the same steps."""

from __future__ import annotations

import time

from headstart.choosing import steps_of
from headstart.comparing.arm import Bout, Entry, learnt_from, planned_for
from headstart.core.dataset import Dataset, Part
from headstart.core.record import Record
from headstart.core.runtime import resolve_device
from headstart.pacing import training_seconds
from headstart.tasks import TASKS
from headstart.tasks.building import build


class Pace(Record):
    """Seconds that things take on this machine.

    They are those of an item of a training step, of loading the model, of what comes with every repeat of an arm, such
    as the held-out items, and of the training that `scratch` asks for by itself.
    """

    item: float
    load: float
    overhead: float
    scratch: float


def measure(dataset: Dataset, entries: tuple[Entry, ...]) -> Pace:
    """How long the chosen model takes on this machine, measured in a second or a few."""
    entry = next(entry for entry in entries if entry.arm == "scratch")
    known = learnt_from(dataset)
    plan = planned_for(entry, known, Bout(known, seed=0, budget=1.0))
    device = resolve_device(plan.device)
    started = time.monotonic()
    task = TASKS[plan.task](multi_label=dataset.multi_label)
    model = build(plan, task, len(dataset.labels))
    load = time.monotonic() - started
    part = known.part(Part.TRAIN)
    item, items = training_seconds(plan, model, task, part, device=device), len(part)
    batch = min(plan.strategy.batch_size or 32, items)
    return Pace(
        item=item,
        load=load,
        overhead=load + len(dataset) * item / 3,
        scratch=steps_of(plan.strategy, items, 1.0) * batch * item,
    )
