from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.core.dataset import Dataset
from headstart.data.fingerprint import fingerprint
from tests.data.synthetic import synthetic


def grouped() -> Dataset:
    return synthetic("abcd", [0, 1, 0, 1], groups=["p", "q", "p", "r"])


@given(st.permutations(range(4)))
def test_the_order_of_items_does_not_matter(order: list[int]) -> None:
    assert fingerprint(grouped().take(np.array(order))) == fingerprint(grouped())


def test_the_order_of_labels_and_groups_does_not_matter() -> None:
    dataset = grouped()
    assert dataset.groups is not None
    swapped = replace(
        dataset,
        labels=dataset.labels[::-1],
        targets=1 - dataset.targets,
        groups=(2 - dataset.groups).astype(np.int32),
        group_names=dataset.group_names[::-1],
    )
    assert fingerprint(swapped) == fingerprint(dataset)
    several = synthetic("ab", np.array([[1, 0, 1], [0, 1, 1]]))
    mirrored = replace(several, labels=several.labels[::-1], targets=several.targets[:, ::-1])
    assert fingerprint(mirrored) == fingerprint(several)


def test_everything_else_matters() -> None:
    several = np.array([[1, 0], [0, 1], [1, 1], [0, 0]])
    variants = [
        grouped(),
        synthetic("abce", [0, 1, 0, 1], groups=["p", "q", "p", "r"]),
        synthetic("abcd", [0, 1, 1, 1], groups=["p", "q", "p", "r"]),
        synthetic("abcd", [0, 1, 0, 1], groups=["p", "q", "q", "r"]),
        synthetic("abcd", [0, 1, 0, 1]),
        synthetic("abcdd", [0, 1, 0, 1, 1]),
        synthetic("abc", [0, 1, 0]),
        replace(grouped(), labels=("class 0", "other")),
        synthetic("abcd", several),
        synthetic("abcd", several[::-1]),
    ]
    assert len({fingerprint(dataset) for dataset in variants}) == len(variants)
    assert all(len(fingerprint(dataset)) == 32 for dataset in variants)


def test_it_is_the_same_on_every_machine() -> None:
    assert fingerprint(grouped()) == "77421c67a826b854d43a7d5fb1790a3d"


def test_unscanned_data_have_none() -> None:
    with pytest.raises(ValueError, match="content hashes"):
        fingerprint(replace(grouped(), content=None))
