"""A trained model and labelled data -> numbers with intervals and tables."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from headstart import prediction
from headstart.answering import structured_task
from headstart.artefact import TrainedModel
from headstart.core.dataset import Dataset, Indices, Part
from headstart.core.errors import DataError
from headstart.core.evaluation import Evaluation
from headstart.core.run_record import ModelRecord
from headstart.core.targets import column_of
from headstart.metrics.evaluate import measure


def evaluate(trained: TrainedModel, dataset: Dataset, *, part: str, device: str = "cpu") -> Evaluation:
    """Predict every item and measure against its label.

    Raises `DataError` where there are none, and where the labels do not fit the model's.
    """
    matched = match_labels(trained.record, dataset)
    if dataset.structured:
        answers = prediction.structured_answers(trained, matched, device=device)
        found = structured_measured(trained.record, answers, matched, part=part)
    else:
        answered = prediction.probabilities(trained, matched, device=device)
        found = measured(trained.record, answered, matched, part=part)
    if found is None:
        raise DataError(f"{part} has no items to measure on.")
    return found


def measured(
    record: ModelRecord,
    probabilities: npt.NDArray[np.floating],
    dataset: Dataset,
    *,
    part: str,
    leaked: Indices | None = None,
) -> Evaluation | None:
    """The numbers of probabilities (N, C) for `dataset`; `leaked` are its rows with a duplicate in training.

    None where it has no items.
    """
    if not len(dataset):
        return None
    return measure(
        probabilities,
        dataset.targets,
        record.labels,
        part=part,
        groups=dataset.groups,
        group_names=dataset.group_names,
        thresholds=record.thresholds,
        leaked=leaked,
    )


def structured_measured(
    record: ModelRecord, answers: list[Any], dataset: Dataset, *, part: str, leaked: Indices | None = None
) -> Evaluation | None:
    """The numbers of answers that are more than labels; `leaked` are rows with a duplicate in training.

    None where there are no items.
    """
    if not len(dataset):
        return None
    task, labels = structured_task(record.task), record.labels
    whole = task.measure(answers, dataset.targets, labels=labels, part=part)
    if leaked is None or not len(leaked):
        return whole
    note = f"{len(leaked)} of {len(dataset)} items have a duplicate in training, which makes the numbers too good."
    unseen = np.setdiff1d(np.arange(len(dataset)), leaked)
    clean = None
    if len(unseen):
        clean = task.measure([answers[place] for place in unseen], dataset.targets[unseen], labels=labels, part=part)
    return whole.model_copy(update={"notes": (note, *whole.notes), "without_leaks": clean})


def match_labels(record: ModelRecord, dataset: Dataset) -> Dataset:
    """The data set with targets in the order of the model's labels, matched by name.

    Raises `DataError` where one has pairs of texts and the other single ones, or several labels an item and the other
    one, and for labels that the model does not know.
    """
    from dataclasses import replace

    if None not in (record.pairs, dataset.pairs) and record.pairs != dataset.pairs:
        kinds = {True: "pairs of texts", False: "single texts"}
        raise DataError(
            f"The data have {kinds[bool(dataset.pairs)]}, the model has {kinds[bool(record.pairs)]}.",
            hint="--text-column and --text-pair-column say which columns of a table hold texts.",
        )
    if dataset.multi_label != record.multi_label:
        kinds = {True: "several labels an item", False: "one label an item"}
        raise DataError(f"The data have {kinds[dataset.multi_label]}, the model has {kinds[record.multi_label]}.")
    unknown = [label for label in dataset.labels if label not in record.labels]
    if unknown:
        raise DataError(
            [f"The model does not know the label '{label}'." for label in unknown],
            hint=f"It knows: {', '.join(record.labels)}.",
        )
    places = np.array([record.labels.index(label) for label in dataset.labels], np.int64)
    if dataset.structured:
        renumbered = [target.renumbered(places.astype(np.int32)) for target in dataset.targets]
        return replace(dataset, labels=record.labels, targets=column_of(renumbered))
    if dataset.multi_label:
        targets = np.zeros((len(dataset), len(record.labels)), dataset.targets.dtype)
        targets[:, places] = dataset.targets
    else:
        targets = places[dataset.targets].astype(np.int32)
    return replace(dataset, labels=record.labels, targets=targets)


def held_out_name(dataset: Dataset) -> str:
    """What to call the held-out part: `val` where that is the name under which it came, `test` otherwise."""
    held_out_is_validation = "test" not in {name.casefold() for name in dataset.given_parts}
    named = [name for name in dataset.given_parts if name.casefold().startswith(("val", "dev"))]
    return named[0] if held_out_is_validation and named and len(dataset.indices(Part.TEST)) else "test"
