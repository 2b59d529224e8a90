from __future__ import annotations

import numpy as np
import pytest

from headstart.core.dataset import Part
from headstart.data.split_repair import fill_classes
from headstart.data.units import Units
from tests.data.synthetic import synthetic

TRAIN, VALIDATION, TEST = Part.TRAIN, Part.VALIDATION, Part.TEST
BOTH = (TEST, VALIDATION)


def repaired(
    hashes: list[float],
    labels: list[list[int]],
    parts: list[Part],
    *,
    pinned: tuple[int, ...] = (),
    carved: tuple[Part, ...] = BOTH,
) -> list[int]:
    """The parts after the repair; `labels` lists the classes of each unit's items."""
    of = np.repeat(np.arange(len(labels)), [len(classes) for classes in labels])
    targets = [label for classes in labels for label in classes]
    units = Units(of, np.array(hashes), np.zeros((len(hashes), 16), np.uint8), np.arange(len(hashes)))
    movable = ~np.isin(np.arange(len(hashes)), pinned)
    items = synthetic(range(len(of)), targets)
    return fill_classes(items, units, np.array(parts, np.int8), movable=movable, carved=carved).tolist()


def test_nothing_is_moved_where_nothing_lacks() -> None:
    parts = [TRAIN, VALIDATION, TEST, TRAIN]
    assert repaired([0.9, 0.3, 0.1, 0.5], [[0]] * 4, parts) == parts


def test_the_lowest_hashes_go() -> None:
    assert repaired([0.9, 0.5, 0.6, 0.7], [[0]] * 4, [TRAIN] * 4) == [TRAIN, VALIDATION, TEST, TRAIN]


def test_the_highest_hash_comes_back_to_training() -> None:
    assert repaired([0.05, 0.15, 0.1], [[0]] * 3, [TEST] * 3) == [VALIDATION, TRAIN, TEST]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [([TEST], [TRAIN]), ([TRAIN], [TRAIN]), ([TEST, TEST], [VALIDATION, TRAIN]), ([TRAIN, TEST], [TRAIN, VALIDATION])],
)
def test_small_classes_have_training_data_first_then_validation(parts: list[Part], expected: list[Part]) -> None:
    assert repaired([0.1, 0.15][: len(parts)], [[0]] * len(parts), parts) == expected


def test_only_carved_parts_are_filled() -> None:
    assert repaired([0.5, 0.6, 0.7], [[0]] * 3, [TRAIN] * 3, carved=(VALIDATION,)) == [VALIDATION, TRAIN, TRAIN]
    assert repaired([0.5, 0.6, 0.7], [[0]] * 3, [TRAIN] * 3, carved=(TEST,)) == [TEST, TRAIN, TRAIN]


def test_what_is_pinned_stays() -> None:
    assert repaired([0.5, 0.6, 0.7], [[0]] * 3, [TRAIN] * 3, pinned=(0,)) == [TRAIN, VALIDATION, TEST]
    assert repaired([0.5, 0.6], [[0]] * 2, [TRAIN] * 2, pinned=(0, 1)) == [TRAIN, TRAIN]


def test_a_unit_that_another_class_needs_is_spared() -> None:
    # unit 0 holds all that class 1 has, so class 0 gives its next one
    assert repaired([0.5, 0.6, 0.7], [[0, 1], [0], [0]], [TRAIN] * 3, carved=(VALIDATION,)) == [
        TRAIN,
        VALIDATION,
        TRAIN,
    ]


def test_a_unit_of_two_classes_serves_both() -> None:
    parts = repaired([0.5, 0.6, 0.7], [[0, 1], [0], [1]], [TRAIN] * 3, carved=(VALIDATION,))
    assert parts == [VALIDATION, TRAIN, TRAIN]


def test_a_class_that_can_give_nothing_is_left_as_it_is() -> None:
    assert repaired([0.5], [[0, 1, 2]], [TRAIN]) == [TRAIN]


def test_training_comes_before_the_validation_of_others() -> None:
    # class 1 has one unit only: it must be trained on, although class 0 loses its validation unit by that
    assert repaired([0.3, 0.9], [[0, 1], [0]], [VALIDATION, TRAIN], carved=(VALIDATION,)) == [TRAIN, VALIDATION]
