"""Facts as columns: what goes in comes out, and copies are found once each."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.data.facts import Facts, header_of_row, row_of
from headstart.data.picture import Header

HEADERS = [
    Header("JPEG", "RGB", 4000, 3000, orientation=6),
    Header("JPEG2000", "I;16B", 1, 30_000, depth=16),
    Header("GIF", "P", 9, 9, frames=40, transparent=True),
    Header("array", "16 bands", 5, 7, depth=32),
]


def facts_of(*contents: int, sketches: np.ndarray | None = None) -> Facts:
    """Items whose content is one number each; each content has a sketch of its own unless they are given."""
    rows = np.concatenate([row_of(HEADERS[0], content=bytes([content]) * 16, size=10) for content in contents])
    drawn = np.random.default_rng(0).integers(-127, 128, (256, 64)).astype(np.int8)
    rows["sketch"] = drawn[list(contents)] if sketches is None else sketches
    return Facts(rows)


@pytest.mark.parametrize("header", HEADERS)
def test_a_header_survives_in_a_row(header: Header) -> None:
    row = row_of(header, content=bytes(range(16)), size=123)
    assert header_of_row(row[0]) == header
    assert row["content"][0].tobytes() == bytes(range(16))
    assert row["bytes"][0] == 123


def test_a_million_pictures_fit_anywhere() -> None:
    assert Facts(np.zeros(0, facts_of(0).rows.dtype)).rows.itemsize < 128


def test_copies_lead_to_the_first() -> None:
    assert facts_of(5, 9, 5, 5, 2).first_copies.tolist() == [0, 1, 0, 0, 4]


def test_near_duplicates_are_found_among_first_copies_only() -> None:
    drawn = np.random.default_rng(1).integers(-127, 128, (4, 64)).astype(np.int8)
    facts = facts_of(5, 5, 7, 9, sketches=drawn[[0, 0, 0, 3]])
    assert facts.near.pairs.tolist() == [[0, 2]]


def test_taken_facts_find_their_own_copies() -> None:
    facts = facts_of(5, 9, 5)
    assert facts.first_copies.tolist() == [0, 1, 0]
    taken = facts.take(np.array([2, 1]))
    assert taken.first_copies.tolist() == [0, 1]
    assert (taken.content == facts.content[[2, 1]]).all()
    assert taken.hashes.tolist() == facts.hashes[[2, 1]].tolist()
