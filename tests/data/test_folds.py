from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.core.errors import DataError
from headstart.data.folds import cross_validation_folds
from tests.data.synthetic import content_of

SINGLE = st.lists(st.integers(0, 3), min_size=5, max_size=60)


@given(SINGLE, st.integers(2, 5))
def test_folds_are_balanced_overall_and_in_each_class(labels: list[int], folds: int) -> None:
    targets = np.array(labels, np.int32)
    found = cross_validation_folds(targets, content=content_of(range(len(labels))), folds=folds)
    assert set(found.tolist()) == set(range(folds))
    for chosen in (np.ones(len(targets), bool), *(targets == label for label in range(4))):
        sizes = np.bincount(found[chosen], minlength=folds)
        assert sizes.max() - sizes.min() <= 1


@given(SINGLE, st.randoms())
def test_folds_depend_on_content_and_not_on_order(labels: list[int], chance: Any) -> None:
    targets, content = np.array(labels, np.int32), content_of(range(len(labels)))
    order = np.array(chance.sample(range(len(labels)), len(labels)))
    found = cross_validation_folds(targets, content=content)
    assert np.array_equal(cross_validation_folds(targets[order], content=content[order]), found[order])


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 6), st.integers(0, 2)), min_size=1, max_size=60))
def test_groups_and_equal_pictures_stay_together(items: list[tuple[int, int, int]]) -> None:
    pictures, groups, labels = (np.array(column) for column in zip(*items, strict=True))
    content = content_of(pictures.tolist())
    try:
        found = cross_validation_folds(labels, content=content, groups=groups.astype(np.int32), folds=2)
    except DataError:
        return
    assert set(found.tolist()) == {0, 1}
    for values in (pictures, groups):
        assert all(len(set(found[values == value].tolist())) == 1 for value in set(values.tolist()))
    order = np.random.default_rng(0).permutation(len(items))
    renumbered = (7 - groups).astype(np.int32)
    again = cross_validation_folds(labels[order], content=content[order], groups=renumbered[order], folds=2)
    assert np.array_equal(again, found[order])


@given(st.lists(st.integers(0, 6), min_size=5, max_size=40))
def test_equal_pictures_without_groups_stay_together(pictures: list[int]) -> None:
    values = np.array(pictures)
    if len(set(pictures)) < 3:
        return
    found = cross_validation_folds(np.zeros(len(values), np.int32), content=content_of(pictures), folds=3)
    assert all(len(set(found[values == value].tolist())) == 1 for value in set(pictures))


def test_groups_are_stratified() -> None:
    chance = np.random.default_rng(0)
    groups = np.repeat(np.arange(60), chance.integers(1, 6, 60)).astype(np.int32)
    targets = (groups % 3).astype(np.int32)
    found = cross_validation_folds(targets, content=content_of(range(len(groups))), groups=groups)
    for label in range(3):
        shares = np.bincount(found[targets == label], minlength=5) / (targets == label).sum()
        assert abs(shares - 0.2).max() < 0.05
    assert abs(np.bincount(found) / len(found) - 0.2).max() < 0.05


def test_rare_labels_of_multi_label_data_reach_every_fold() -> None:
    targets = np.zeros((100, 3), np.uint8)
    targets[:, 0] = 1
    targets[::20, 1] = 1
    targets[1::10, 2] = 1
    found = cross_validation_folds(targets, content=content_of(range(100)))
    assert np.bincount(found[targets[:, 1] == 1]).tolist() == [1] * 5
    assert np.bincount(found[targets[:, 2] == 1]).tolist() == [2] * 5
    assert np.bincount(found).tolist() == [20] * 5


def test_too_few_units_are_an_error() -> None:
    with pytest.raises(DataError, match="5 folds cannot be made of 3 distinct pictures"):
        cross_validation_folds(np.zeros(6, np.int32), content=content_of("abcabc"))
    with pytest.raises(DataError, match="3 folds cannot be made of 2 groups"):
        cross_validation_folds(
            np.zeros(4, np.int32), content=content_of("abcd"), groups=np.array([0, 0, 1, 1], np.int32), folds=3
        )
