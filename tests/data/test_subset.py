"""A stratified part of a data set."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from headstart.core.dataset import Dataset, Part
from headstart.data.columns import ArrayColumn
from headstart.data.subset import LEAST_OF_A_CLASS, stratified


def dataset(counts: list[int], *, groups: np.ndarray | None = None) -> Dataset:
    targets = np.repeat(np.arange(len(counts)), counts).astype(np.int32)
    random = np.random.default_rng(0)
    return Dataset(
        task="image-classification",
        labels=tuple(f"class {number}" for number in range(len(counts))),
        inputs=ArrayColumn(np.zeros((len(targets), 2, 2, 3), np.uint8)),
        targets=targets,
        parts=np.full(len(targets), Part.TRAIN, np.int8),
        source="memory",
        content=random.integers(0, 256, (len(targets), 16)).astype(np.uint8),
        groups=groups,
    )


def test_a_small_set_is_taken_whole() -> None:
    assert stratified(dataset([30, 20]), 50).tolist() == list(range(50))


def test_classes_keep_their_proportion_and_rare_ones_some_items() -> None:
    given = dataset([800, 200, 25, 5])
    chosen = stratified(given, 100)
    counts = np.bincount(given.targets[chosen], minlength=4)
    assert counts[0] == pytest.approx(80, abs=10)
    assert counts[1] == pytest.approx(20, abs=3)
    assert counts[2] == LEAST_OF_A_CLASS
    assert counts[3] == 5
    assert len(np.unique(chosen)) == len(chosen)
    assert np.all(np.diff(chosen) > 0)


def test_it_does_not_depend_on_the_order_of_the_items() -> None:
    given = dataset([100, 60])
    shuffled = np.random.default_rng(1).permutation(len(given))
    first, second = stratified(given, 40), stratified(given.take(shuffled), 40)
    assert given.content is not None
    assert {given.content[place].tobytes() for place in first} == {
        given.content[shuffled[place]].tobytes() for place in second
    }


def test_groups_stay_together() -> None:
    groups = (np.arange(160) // 8).astype(np.int32)
    given = replace(dataset([80, 80], groups=groups), group_names=tuple(map(str, range(20))))
    chosen = stratified(given, 40)
    sizes = np.bincount(groups[chosen], minlength=20)
    assert set(sizes) <= {0, 8}
    assert 0 < len(chosen) < 160
