"""What counts as one piece of evidence."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.metrics.units import blocks_of, units_of


def test_items_without_groups_are_units() -> None:
    unit_of, units = units_of(4, None)
    assert (units, unit_of.tolist()) == (4, [0, 1, 2, 3])


def test_groups_are_units_and_a_negative_code_is_an_item_alone() -> None:
    unit_of, units = units_of(6, np.array([7, 7, 2, -1, -1, 2]))
    assert units == 4
    assert unit_of[0] == unit_of[1]
    assert unit_of[2] == unit_of[5]
    assert len({int(unit_of[index]) for index in (0, 2, 3, 4)}) == 4


def test_groups_of_other_items_are_refused() -> None:
    with pytest.raises(ValueError, match="groups"):
        units_of(3, np.array([0, 1]))


def test_blocks_keep_units_whole_and_are_of_like_size() -> None:
    unit_of = np.repeat(np.arange(100), 3)
    blocks, count = blocks_of(unit_of, 100, most=10)
    assert count == 10
    assert (blocks.reshape(100, 3) == blocks.reshape(100, 3)[:, :1]).all()
    assert np.bincount(blocks).tolist() == [30] * 10
    assert blocks_of(unit_of, 100, most=100)[1] == 100
