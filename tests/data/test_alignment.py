from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from headstart.core.tags import legal
from headstart.data.alignment import NO_TOKEN, first_tokens, tags_of_words, units_of


@st.composite
def cuts(draw: st.DrawFn) -> np.ndarray:
    """Places of pieces of a text of 20 characters, in order, with gaps or without."""
    ends = sorted(draw(st.sets(st.integers(0, 20), max_size=10)))
    pairs = [pair for pair in pairwise(ends) if draw(st.booleans())]
    return np.array(pairs, np.int32).reshape(-1, 2)


@given(cuts(), cuts())
def test_the_first_token_with_characters_of_the_word(words: np.ndarray, places: np.ndarray) -> None:
    due = [
        next((place for place, (start, end) in enumerate(places) if start < word[1] and end > word[0]), NO_TOKEN)
        for word in words
    ]
    assert first_tokens(words, places).tolist() == due


@given(cuts(), cuts(), st.data())
def test_tags_of_all_words_are_legal_and_those_of_the_units(
    words: np.ndarray, places: np.ndarray, data: st.DataObject
) -> None:
    units, of = units_of(words, places)
    tags: list[int] = []
    for _ in units:
        before = tags[-1] if tags else 0
        allowed = [0, 1, 3, *({before + before % 2} - {0})]
        tags.append(data.draw(st.sampled_from(allowed)))
    found = tags_of_words(np.array(tags, np.int32), of)
    assert legal(found)
    for unit in range(len(units)):
        assert found[np.flatnonzero(of == unit)[0]] == tags[unit]


def test_words_that_share_a_token_are_one_entity() -> None:
    words, places = np.array([[0, 1], [1, 2], [2, 3], [3, 4]]), np.array([[0, 3], [3, 4]])
    units, of = units_of(words, places)
    assert (units.tolist(), of.tolist()) == ([0, 1], [0, 0, 0, 1])
    assert tags_of_words(np.array([3, 4]), of).tolist() == [3, 4, 4, 4]
    assert tags_of_words(np.array([1, 1]), of).tolist() == [1, 2, 2, 1]


def test_a_word_without_a_token_goes_on_with_the_entity_around_it() -> None:
    of = np.array([NO_TOKEN, 0, NO_TOKEN, 1, NO_TOKEN])
    assert tags_of_words(np.array([1, 2]), of).tolist() == [0, 1, 2, 2, 0]
    assert tags_of_words(np.array([1, 1]), of).tolist() == [0, 1, 0, 1, 0]
    assert first_tokens(np.array([[0, 1]]), np.zeros((0, 2))).tolist() == [NO_TOKEN]


def test_several_tokens_of_one_character() -> None:
    assert first_tokens(np.array([[0, 1], [1, 2]]), np.array([[0, 1], [0, 1], [0, 1], [1, 2]])).tolist() == [0, 3]
