"""What holds for data from every reader: enough classes, none without pictures, and notes on what looks odd."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from headstart.core.dataset import Dataset
from headstart.core.errors import DataError
from headstart.core.ledger import Event, Ledger
from headstart.core.modality import noun
from headstart.data.columns import PathColumn
from headstart.data.labels import look_alikes
from headstart.data.parts import part_of, parts_of
from headstart.data.reader import ReadOptions

Step = Callable[[Dataset], tuple[Dataset, list[Event]]]


def finish(dataset: Dataset, options: ReadOptions) -> Dataset:
    """The data set ready for use. Raises `DataError` where too few classes or no items are left."""
    steps: tuple[Step, ...] = (_split_by_first_folder, _without_unused_labels, _without_idle_groups, _noted)
    if dataset.structured:  # whose classes are listed by the data, and whose targets may lie in files not read yet
        steps = (_split_by_first_folder, _without_idle_groups)
    for step in steps:
        dataset, events = step(dataset)
        dataset = replace(dataset, ledger=dataset.ledger + Ledger.of(events)) if events else dataset
    _check(dataset, options)
    return dataset


def counts_by_class(dataset: Dataset) -> npt.NDArray[np.int64]:
    """int64 (C,): how many items have each label."""
    dataset = dataset.simplified()
    if dataset.multi_label:
        totals: npt.NDArray[np.int64] = np.sum(dataset.targets, axis=0, dtype=np.int64)
        return totals
    return np.bincount(dataset.targets, minlength=len(dataset.labels)).astype(np.int64)


def _check(dataset: Dataset, options: ReadOptions) -> None:
    left_out = [str(line) for line in dataset.ledger.lines if line.action == "skipped"]
    if not len(dataset):
        raise DataError([f"Nothing that could be used is left of {dataset.source}.", *left_out])
    if not dataset.labels:
        raise DataError([f"{dataset.source} holds no class at all.", *left_out])
    least = 1 if dataset.multi_label or dataset.structured else options.least_classes
    if len(dataset.labels) < least:
        raise DataError(
            [f"{dataset.source} holds the single class '{dataset.labels[0]}'.", *left_out],
            hint=f"There is nothing to tell apart: at least {least} classes are needed.",
        )


def _split_by_first_folder(dataset: Dataset) -> tuple[Dataset, list[Event]]:
    """Unsplit tables often name files such as `train/a.jpg`: where every path does so, that is the split."""
    inputs = dataset.inputs
    if not len(dataset) or dataset.given_parts or not isinstance(inputs, PathColumn) or inputs.binary:
        return dataset, []
    first = pc.struct_field(pc.extract_regex(inputs.paths, r"^(?P<first>[^/]+)/"), "first")
    words = pc.unique(first).to_pylist()
    if any(word is None or part_of(word) is None for word in words):
        return dataset, []
    parts, given = parts_of(first, place="paths")
    reason = f"is split as its paths say: {', '.join(given)}"
    return replace(dataset, parts=parts, given_parts=given), [("noted", reason, dataset.source)]


def _without_unused_labels(dataset: Dataset) -> tuple[Dataset, list[Event]]:
    counts = counts_by_class(dataset)
    used = np.flatnonzero(counts)
    if len(used) == len(counts) or not len(dataset):
        return dataset, []
    labels = tuple(dataset.labels[label] for label in used)
    if dataset.multi_label:
        targets = dataset.targets[:, used]
    else:
        renumbered = np.full(len(counts), -1, np.int32)
        renumbered[used] = np.arange(len(used))
        targets = renumbered[dataset.targets]
    unused = [dataset.labels[label] for label in np.flatnonzero(counts == 0)]
    events: list[Event] = [("skipped", f"a class that no {noun(dataset.modality)} has", label) for label in unused]
    return replace(dataset, labels=labels, targets=targets), events


def _without_idle_groups(dataset: Dataset) -> tuple[Dataset, list[Event]]:
    """One group for all says nothing, and could not be split."""
    if dataset.groups is None or len(dataset) < 2 or len(np.unique(dataset.groups)) > 1:
        return dataset, []
    reason = "all items have the same group: the column of groups is not used"
    return replace(dataset, groups=None, group_names=()), [("noted", reason, dataset.source)]


def _noted(dataset: Dataset) -> tuple[Dataset, list[Event]]:
    return dataset, [*look_alikes(dataset.labels), *_lopsided(dataset)]


def _lopsided(dataset: Dataset) -> list[Event]:
    """Events for classes that some parts of a given split have and others lack."""
    if len(dataset.given_parts) < 2:
        return []
    events: list[Event] = []
    present = {}
    for word in dataset.given_parts:
        part = part_of(word)
        present[word] = counts_by_class(dataset.part(part)) > 0 if part is not None else np.zeros(0, np.bool_)
    for index, label in enumerate(dataset.labels):
        having = [word for word, classes in present.items() if classes[index]]
        lacking = [word for word in present if word not in having]
        if having and lacking:
            events.append(("noted", f"a class in {', '.join(having)} but not in {', '.join(lacking)}", label))
    return events
