"""What was done with a data set, and what came of it -> the record of a run."""

from __future__ import annotations

from typing import Any

from headstart import evaluation
from headstart.core.dataset import Dataset, Part
from headstart.core.run_record import RunRecord
from headstart.core.runtime import Precision, environment
from headstart.core.strategy import Plan
from headstart.data.fingerprint import fingerprint
from headstart.data.reader import source_name

ALLOWED = 1.1
"""Times its budget that a run may take without a word."""


def recorded(plan: Plan, dataset: Dataset, *, device: str, precision: Precision, **found: Any) -> RunRecord:
    """The record: what `found` holds of its fields, and what follows from the data and the machine."""
    total = found.get("seconds", {}).get("total", 0.0)
    if plan.budget is not None and total > ALLOWED * plan.budget:
        late = f"The run took {total:.0f} s, more than its budget of {plan.budget:.0f} s."
        found["notes"] = (*found.get("notes", ()), late)
    return RunRecord(
        plan=plan,
        labels=dataset.labels,
        items={part.name.lower(): len(dataset.indices(part)) for part in (Part.TRAIN, Part.VALIDATION, Part.TEST)},
        held_out=evaluation.held_out_name(dataset),
        environment=environment(device, precision),
        data_name=source_name(dataset.source),
        data_fingerprint=fingerprint(dataset),
        **found,
    )
