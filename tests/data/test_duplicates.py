"""Near duplicates against a loop over all pairs, and the ways in which the search is held back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.data.duplicates import ALIKE, ALIKE_BEYOND_DOUBT, DISTANCE, exact_groups, near_duplicates
from headstart.data.sketch import Sketches, hashes


def cosine(left: np.ndarray, right: np.ndarray) -> float:
    left, right = left.astype(float), right.astype(float)
    return float(left @ right / np.sqrt((left @ left) * (right @ right)))


def by_brute_force(drawn: Sketches, threshold: float) -> set[tuple[int, int]]:
    marks = hashes(drawn)
    return {
        (left, right)
        for left in range(len(drawn))
        for right in range(left + 1, len(drawn))
        if (int(marks[left]) ^ int(marks[right])).bit_count() <= DISTANCE
        if cosine(drawn[left], drawn[right]) >= threshold
    }


def drawings(count: int, copies: int, *, noise: float, seed: int) -> Sketches:
    """Random sketches, some of them noisy copies of others."""
    generator = np.random.default_rng(seed)
    originals = generator.normal(0, 40, (count, 64))
    repeated = originals[generator.integers(0, count, copies)] + generator.normal(0, noise, (copies, 64))
    return np.clip(np.concatenate([originals, repeated]), -127, 127).astype(np.int8)


@settings(max_examples=40, deadline=None)
@given(count=st.integers(1, 60), copies=st.integers(0, 30), noise=st.floats(0, 6), seed=st.integers(0, 2**32 - 1))
def test_it_finds_what_a_loop_over_all_pairs_finds(count: int, copies: int, noise: float, seed: int) -> None:
    drawn = drawings(count, copies, noise=noise, seed=seed)
    found = near_duplicates(drawn, shapes=np.ones(len(drawn)))
    assert set(map(tuple, found.pairs.tolist())) == by_brute_force(drawn, found.threshold)
    assert found.distance == DISTANCE


def test_pictures_of_other_shapes_are_other_pictures() -> None:
    drawn = np.repeat(drawings(1, 0, noise=0, seed=0), 3, axis=0)
    found = near_duplicates(drawn, shapes=np.array([1.5, 1.52, 1.0]))
    assert found.pairs.tolist() == [[0, 1]]


def test_pictures_without_a_sketch_are_left_out() -> None:
    drawn = np.zeros((5, 64), np.int8)
    assert len(near_duplicates(drawn, shapes=np.ones(5)).pairs) == 0


def test_where_outlines_are_common_only_the_indubitable_counts() -> None:
    """Forty pictures of one outline, but each with weights of its own, and one true copy."""
    generator = np.random.default_rng(0)
    outline = np.where(generator.random(64) < 0.5, -1, 1)
    drawn = (outline * generator.integers(10, 127, (40, 64))).astype(np.int8)
    nearly = np.clip(drawn[0] * 1.0 + generator.normal(0, 4.5, 64), -127, 127).astype(np.int8)
    assert ALIKE <= cosine(drawn[0], nearly) < ALIKE_BEYOND_DOUBT
    found = near_duplicates(np.concatenate([drawn, drawn[:1], nearly[None]]), shapes=np.ones(42))
    assert found.threshold == ALIKE_BEYOND_DOUBT
    assert found.pairs.tolist() == [[0, 40]]
    alone = near_duplicates(np.stack([drawn[0], drawn[0], nearly]), shapes=np.ones(3))
    assert (alone.threshold, len(alone.pairs)) == (ALIKE, 3)


@pytest.mark.parametrize(("most", "distance"), [(10**9, 4), (6, 2), (5, -1)])
def test_the_search_narrows_where_it_would_take_too_long(most: int, distance: int) -> None:
    drawn = drawings(300, 0, noise=0, seed=0)
    drawn[:4] = drawn[0]
    found = near_duplicates(drawn, shapes=np.ones(300), most_comparisons=most)
    assert found.distance == distance
    assert len(found.pairs) == (6 if distance >= 0 else 0)


def test_the_first_of_equal_contents_stands_for_all() -> None:
    content = np.array([[3] * 16, [1] * 16, [3] * 16, [2] * 16, [1] * 16], np.uint8)
    assert exact_groups(content).tolist() == [0, 1, 0, 3, 1]
    assert exact_groups(np.zeros((0, 16), np.uint8)).tolist() == []


def test_a_content_may_end_in_zero_bytes() -> None:
    content = np.zeros((2, 16), np.uint8)
    content[:, 0] = 7
    content[1, 15] = 1
    assert exact_groups(content).tolist() == [0, 1]
