from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from headstart.data.units import content_keys, content_units, group_keys, group_units, linked_groups, merge_linked
from tests.data.synthetic import content_of


def test_equal_contents_are_one_unit() -> None:
    units = content_units(content_of("abca"))
    assert len(units) == 3
    assert units.of[0] == units.of[3]
    assert np.array_equal(units.keys[units.of], content_of("abca"))


def test_contents_that_end_in_zeros_are_told_apart() -> None:
    content = np.zeros((3, 16), np.uint8)
    content[1, 0] = content[2, 15] = 1
    assert len(content_units(content)) == 3
    assert len(set(content_keys(content).tolist())) == 3


def test_the_hash_is_the_number_that_the_first_bits_spell() -> None:
    content = np.zeros((3, 16), np.uint8)
    content[1, 0] = 128
    content[2, :8] = 255
    units = content_units(content)
    assert units.hashes[units.of].tolist() == [0.0, 0.5, 1 - 2.0**-53]
    assert units.hashes.max() < 1


def test_hashes_are_spread_evenly() -> None:
    hashes = content_units(content_of(range(20_000))).hashes
    shares, _ = np.histogram(hashes, bins=10, range=(0, 1))
    assert abs(shares / 20_000 - 0.1).max() < 0.01


def test_a_group_is_one_unit_whose_hash_depends_on_its_name_alone() -> None:
    units = group_units(content_of("abcd"), groups=np.array([1, 0, 1, 0], np.int32), names=("p", "q"))
    assert len(units) == 2
    assert units.of.tolist() == [1, 0, 1, 0]
    assert np.array_equal(units.keys, group_keys(["p", "q"]))
    more = group_units(
        content_of("xabcdy"), groups=np.array([2, 3, 0, 3, 0, 1], np.int32), names=("p", "z", "new", "q")
    )
    assert more.hashes[more.of[1]] == units.hashes[1]
    assert more.hashes[more.of[2]] == units.hashes[0]


def test_groups_that_share_a_picture_share_a_hash() -> None:
    units = group_units(content_of("abbcd"), groups=np.array([0, 0, 1, 1, 2], np.int32), names=("p", "q", "r"))
    assert units.hashes[0] == units.hashes[1] != units.hashes[2]
    apart = group_units(content_of("abcde"), groups=np.array([0, 0, 1, 1, 2], np.int32), names=("p", "q", "r"))
    assert units.hashes[0] == apart.hashes[:2].min()
    assert units.hashes[2] == apart.hashes[2]


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 5)), min_size=1, max_size=30))
def test_linked_groups_are_those_that_a_chain_of_equal_pictures_joins(items: list[tuple[int, int]]) -> None:
    present, groups = np.unique([group for _, group in items], return_inverse=True)
    linked = linked_groups(content_of([picture for picture, _ in items]), groups)
    clusters = [{group} for group in range(len(present))]
    for picture in {picture for picture, _ in items}:
        touched = {int(group) for (shown, _), group in zip(items, groups, strict=True) if shown == picture}
        joined = set().union(*(cluster for cluster in clusters if cluster & touched))
        clusters = [cluster for cluster in clusters if not cluster & touched] + [joined]
    same = {frozenset(np.flatnonzero(linked == number).tolist()) for number in set(linked.tolist())}
    assert same == {frozenset(cluster) for cluster in clusters}


def test_linked_units_become_one_unless_they_were_fixed_apart() -> None:
    names = ("p", "q", "r", "s")
    units = group_units(content_of("abbccdex"), groups=np.array([0, 0, 1, 1, 2, 2, 3, 3], np.int32), names=names)
    whole, parts = merge_linked(units, np.array([-1, -1, -1, -1], np.int8))
    assert len(whole) == 2
    assert whole.of.tolist() == [0, 0, 0, 0, 0, 0, 1, 1]
    assert parts.tolist() == [-1, -1]
    whole, parts = merge_linked(units, np.array([-1, 2, -1, -1], np.int8))
    assert parts[whole.of].tolist() == [2] * 6 + [-1] * 2
    assert len(whole) == 2
    whole, parts = merge_linked(units, np.array([0, -1, 1, 2], np.int8))
    assert parts[whole.of].tolist()[:2] + parts[whole.of].tolist()[4:] == [0, 0, 1, 1, 2, 2]
    lowest = 0 if units.keys[0].tobytes() < units.keys[2].tobytes() else 1
    assert parts[whole.of][2:4].tolist() == [lowest, lowest]
