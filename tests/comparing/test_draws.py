"""The data of each repeat."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.comparing.draws import draw
from headstart.core.dataset import Dataset, Part
from headstart.data.splitting import assign_parts
from headstart.data.units import content_keys
from tests.comparing.verdicts import dataset


def whole(*, groups: int = 0, given_parts: tuple[str, ...] = ("train", "test")) -> Dataset:
    made = replace(dataset(20, train=80, groups=groups), given_parts=given_parts)
    return assign_parts(made, validation=0.2, test=0.2)


def keys(data: Dataset, *parts: Part) -> set[bytes]:
    assert data.content is not None
    return set(content_keys(data.content[data.indices(*parts)]).tolist())


def test_held_out_items_are_the_same_in_every_repeat_and_validation_items_are_not() -> None:
    data = whole()
    draws = [draw(data, validation=0.2, repeat=repeat) for repeat in range(4)]
    assert {frozenset(keys(drawn, Part.TEST)) for drawn in draws} == {frozenset(keys(data, Part.TEST))}
    assert len({frozenset(keys(drawn, Part.VALIDATION)) for drawn in draws}) == 4
    assert {len(keys(drawn, Part.TRAIN, Part.VALIDATION)) for drawn in draws} == {80}
    for drawn in draws:
        validated = drawn.targets[drawn.indices(Part.VALIDATION)]
        assert set(validated.tolist()) == {0, 1, 2, 3}
        assert drawn.content is data.content or np.array_equal(drawn.content, data.content)  # type: ignore[arg-type]


def test_repeat_0_is_the_split_of_a_fit_and_every_repeat_is_repeatable() -> None:
    data = whole()
    assert draw(data, validation=0.2, repeat=0) is data
    first, second = (draw(data, validation=0.2, repeat=3).parts for _ in range(2))
    assert np.array_equal(first, second)


def test_validation_data_that_were_given_stay_what_they_are() -> None:
    data = whole(given_parts=("train", "val", "test"))
    assert np.array_equal(draw(data, validation=0.2, repeat=2).parts, data.parts)
    small = draw(data, validation=0.2, repeat=2, share=0.5)
    assert keys(small, Part.VALIDATION) <= keys(data, Part.VALIDATION)
    assert keys(small, Part.TRAIN) <= keys(data, Part.TRAIN)


def test_without_a_share_for_validation_there_is_none() -> None:
    data = assign_parts(replace(dataset(20, train=40), given_parts=("train", "test")), validation=0.0, test=0.2)
    assert not len(draw(data, validation=0.0, repeat=2).indices(Part.VALIDATION))


@given(st.integers(0, 5))
def test_subsets_of_a_repeat_are_nested_and_by_class(repeat: int) -> None:
    data = whole()
    shares = (1 / 8, 1 / 4, 1 / 2, 1.0)
    subsets = [draw(data, validation=0.2, repeat=repeat, share=share) for share in shares]
    for smaller, larger in itertools.pairwise(subsets):
        assert keys(smaller, Part.TRAIN, Part.VALIDATION) < keys(larger, Part.TRAIN, Part.VALIDATION)
    for share, subset in zip(shares, subsets, strict=True):
        known = subset.part(Part.TRAIN, Part.VALIDATION)
        assert np.bincount(known.targets).tolist() == [max(round(20 * share), 2)] * 4
        assert keys(subset, Part.TEST) == keys(data, Part.TEST)
        assert set(subset.targets[subset.indices(Part.VALIDATION)].tolist()) == {0, 1, 2, 3}


def test_another_repeat_has_other_subsets() -> None:
    data = whole()
    first, second = (draw(data, validation=0.2, repeat=repeat, share=0.25) for repeat in (0, 1))
    assert keys(first, Part.TRAIN, Part.VALIDATION) != keys(second, Part.TRAIN, Part.VALIDATION)


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_whole_groups_are_kept_or_left_out_and_every_label_stays(share: float) -> None:
    data = whole(groups=16)
    subset = draw(data, validation=0.2, repeat=1, share=share)
    assert data.groups is not None
    assert subset.groups is not None
    inside = set(subset.groups[subset.indices(Part.TRAIN, Part.VALIDATION)].tolist())
    for group in inside:
        assert (subset.groups == group).sum() == (data.groups == group).sum()
    assert set(subset.part(Part.TRAIN, Part.VALIDATION).targets.tolist()) == {0, 1, 2, 3}
    train, validation = (set(subset.groups[subset.indices(part)].tolist()) for part in (Part.TRAIN, Part.VALIDATION))
    assert not train & validation


def test_several_labels_an_item_keep_every_label_there_is() -> None:
    made = dataset(20, train=80)
    targets = np.zeros((100, 4), np.uint8)
    targets[:, 0] = 1
    targets[7, 3] = 1
    data = assign_parts(replace(made, targets=targets, given_parts=("train", "test")), validation=0.2, test=0.2)
    subset = draw(data, validation=0.2, repeat=1, share=0.1)
    known = subset.part(Part.TRAIN, Part.VALIDATION)
    assert known.targets[:, 3].sum() == 1
    assert 8 <= len(known) <= 9
