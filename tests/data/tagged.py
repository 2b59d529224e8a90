"""What tests ask of data sets of tagged words."""

from __future__ import annotations

from headstart.core.dataset import Dataset
from headstart.core.tags import spans_of

Found = list[tuple[str, str]]


def texts_of(dataset: Dataset) -> list[str]:
    return [dataset.inputs.read(place) for place in range(len(dataset))]


def entities_of(dataset: Dataset, item: int) -> Found:
    """Each entity of a text as its label and its characters."""
    text, target = dataset.inputs.read(item), dataset.targets[item]
    return [
        (dataset.labels[label], text[target.words[first, 0] : target.words[end - 1, 1]])
        for first, end, label in spans_of(target.tags)
    ]


def reasons(dataset: Dataset) -> list[str]:
    return [f"{line.action}: {line.reason}" for line in dataset.ledger.lines]
