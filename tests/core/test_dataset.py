"""Columns that stay together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from headstart.core.dataset import Dataset, Indices, Part, Stamp


@dataclass(frozen=True)
class Names:
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.names)

    def name(self, index: int) -> str:
        return self.names[index]

    def read(self, index: int) -> Any:
        return self.names[index].encode()

    def stamp(self, index: int) -> Stamp | None:
        return None

    def take(self, indices: Indices) -> Names:
        return Names(tuple(self.names[index] for index in indices))


@pytest.fixture
def dataset() -> Dataset:
    return Dataset(
        task="image-classification",
        labels=("cat", "dog"),
        inputs=Names(("a", "b", "c", "d")),
        targets=np.array([0, 1, 0, 1], np.int32),
        parts=np.array([Part.TRAIN, Part.TEST, Part.VALIDATION, Part.TRAIN], np.int8),
        source="here",
        groups=np.array([5, 6, 7, 8], np.int32),
        content=np.arange(64, dtype=np.uint8).reshape(4, 16),
    )


def test_all_columns_are_taken_in_the_order_asked_for(dataset: Dataset) -> None:
    taken = dataset.take(np.array([3, 0]))
    assert len(taken) == 2
    assert taken.inputs.name(0) == "d"
    assert taken.targets.tolist() == [1, 0]
    assert taken.parts.tolist() == [Part.TRAIN, Part.TRAIN]
    assert taken.groups is not None
    assert taken.groups.tolist() == [8, 5]
    assert taken.domains is None
    assert taken.content is not None
    assert taken.content[:, 0].tolist() == [48, 0]
    assert taken.labels == dataset.labels


def test_parts_are_found_alone_and_together(dataset: Dataset) -> None:
    assert dataset.indices(Part.TRAIN).tolist() == [0, 3]
    assert dataset.indices(Part.TRAIN, Part.VALIDATION).tolist() == [0, 2, 3]
    assert dataset.indices(Part.UNASSIGNED).dtype == np.int64
    assert len(dataset.part(Part.UNASSIGNED)) == 0
    assert dataset.part(Part.TEST).inputs.name(0) == "b"


def test_two_dimensional_targets_are_multi_label(dataset: Dataset) -> None:
    from dataclasses import replace

    assert not dataset.multi_label
    assert replace(dataset, targets=np.zeros((4, 2), np.uint8)).multi_label


class Pairs(Names):
    def read(self, index: int) -> Any:
        return self.names[index], "and this"


class Gone(Names):
    def read(self, index: int) -> Any:
        raise FileNotFoundError(self.names[index])


@pytest.mark.parametrize(("kind", "pairs"), [(Names, False), (Pairs, True), (Gone, None)])
def test_pairs_are_told_from_single_texts_where_one_can_be_read(
    dataset: Dataset, kind: type[Names], pairs: bool | None
) -> None:
    texts = replace(dataset, task="text-classification", inputs=kind(("a", "b", "c", "d")))
    assert texts.pairs is pairs
    assert dataset.pairs is None, "pictures are not in question"
