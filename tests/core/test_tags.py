from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.core.tags import follows, legal, spans_of, tag_names, tags_of
from headstart.core.targets import Entities


@st.composite
def flat_spans(draw: st.DrawFn) -> tuple[list[tuple[int, int, int]], int]:
    """Spans that do not overlap, some of them side by side, and the number of words."""
    found, place = [], draw(st.integers(0, 2))
    for length, gap, label in draw(
        st.lists(st.tuples(st.integers(1, 4), st.integers(0, 2), st.integers(0, 2)), max_size=6)
    ):
        found.append((place, place + length, label))
        place += length + gap
    return found, place + draw(st.integers(0, 2))


@given(flat_spans())
def test_spans_to_tags_and_back(case: tuple[list[tuple[int, int, int]], int]) -> None:
    spans, words = case
    tags = tags_of(np.array(spans), words=words)
    assert legal(tags)
    assert spans_of(tags).tolist() == [list(span) for span in spans]
    places = np.zeros((words, 2), np.int32)
    assert Entities(places, tags).counts(3).tolist() == [sum(span[2] == label for span in spans) for label in range(3)]


@given(st.lists(st.integers(0, 4), max_size=8))
def test_legal_tags_are_those_that_come_back(tags: list[int]) -> None:
    numbers = np.array(tags, np.int32)
    spans = spans_of(numbers)
    assert legal(numbers) == (tags_of(spans, words=len(tags)).tolist() == tags)


@pytest.mark.parametrize(
    ("before", "tag", "may"), [(0, 2, False), (1, 2, True), (2, 2, True), (3, 2, False), (2, 1, True), (4, 0, True)]
)
def test_what_may_follow(before: int, tag: int, may: bool) -> None:
    assert bool(follows(np.array(tag), np.array(before))) == may


def test_names() -> None:
    assert tag_names(("a", "b")) == ("O", "B-a", "I-a", "B-b", "I-b")
