"""Groups of copies, and copies across two sets of items, against a loop over everything."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.data.copies import Copies
from tests.data.test_facts import facts_of


def drawn_for(looks: list[int]) -> np.ndarray:
    return np.random.default_rng(2).integers(-127, 128, (10, 64)).astype(np.int8)[looks]


@settings(max_examples=60, deadline=None)
@given(items=st.lists(st.tuples(st.integers(0, 8), st.integers(0, 2), st.sampled_from("abc")), min_size=1, max_size=25))
def test_seen_agrees_with_a_loop(items: list[tuple[int, int, str]]) -> None:
    """An item is (look, way of storing it, part): the same bytes have the same look."""
    looks = [look for look, _, _ in items]
    contents = [look * 3 + way for look, way, _ in items]
    copies = Copies(facts_of(*contents, sketches=drawn_for(looks)))
    asked = [place for place, item in enumerate(items) if item[2] == "a"]
    among = [place for place, item in enumerate(items) if item[2] == "b"]
    seen = copies.seen(np.array(asked, np.int64), among=np.array(among, np.int64))
    for row, place in enumerate(asked):
        same = [other for other in among if contents[other] == contents[place]]
        like = [other for other in among if looks[other] == looks[place]]
        assert seen.exact[row] == bool(same)
        assert seen.near[row] == (bool(like) and not same)
        assert seen.copy[row] in (same or like or [-1])


def test_groups_are_what_hangs_together() -> None:
    copies = Copies(facts_of(0, 3, 0, 6, 4, 0, sketches=drawn_for([0, 1, 0, 2, 1, 0])))
    assert [group.tolist() for group in copies.exact_groups] == [[0, 2, 5]]
    assert [group.tolist() for group in copies.near_groups] == [[1, 4]]


def test_no_items_have_no_copies() -> None:
    copies = Copies(facts_of(1).take(np.zeros(0, np.int64)))
    assert copies.exact_groups == []
    assert copies.near_groups == []
