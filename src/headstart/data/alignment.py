"""Which token speaks for which word: the first one that has characters of it.

Where words share a token, as the digits of a number may, it speaks for all of them: they are one unit, in one entity or
in none.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from headstart.core.tags import Tags
from headstart.core.targets import NO_ENTITY

NO_TOKEN = -1


def first_tokens(words: npt.NDArray[Any], places: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """int64 (W,): for words (W, 2) the place of the first of the tokens (T, 2) that overlaps with it.

    Both are starts and ends of characters, in order. Several words may share a token; one that no token has characters
    of (as of spaces that a tokenizer drops) has `NO_TOKEN`.
    """
    if not len(places):
        return np.full(len(words), NO_TOKEN, np.int64)
    # Ends may fall back where a character is made of several tokens; the furthest so far never does.
    ends = np.maximum.accumulate(places[:, 1])
    found = np.searchsorted(ends, words[:, 0], side="right").astype(np.int64)
    reachable = found < len(places)
    there = reachable & (places[np.minimum(found, len(places) - 1), 0] < words[:, 1])
    return np.where(there, found, NO_TOKEN)


def units_of(words: npt.NDArray[Any], places: npt.NDArray[Any]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """int64 (U,): the tokens that speak for words, in order; and int64 (W,): which of them speaks for each word.

    A word without a token has `NO_TOKEN`.
    """
    tokens = first_tokens(words, places)
    units = np.unique(tokens[tokens != NO_TOKEN])
    of = np.where(tokens == NO_TOKEN, NO_TOKEN, np.searchsorted(units, tokens))
    return units, of.astype(np.int64)


def tags_of_words(tags: npt.NDArray[Any], of: npt.NDArray[np.int64]) -> Tags:
    """int32 (W,): the tags of all words, of those of the units (U,) and the unit of each word (W,).

    A word without a token is in an entity where that goes on behind it.
    """
    found = np.full(len(of), NO_ENTITY, np.int32)
    last = NO_TOKEN  # the unit that the words up to here belong to
    missing: list[int] = []
    for word, unit in enumerate(of):
        if unit == NO_TOKEN:
            missing.append(word)
            continue
        tag = int(tags[unit])
        within = tag != NO_ENTITY and (tag % 2 == 0 or unit == last)
        found[word] = tag + tag % 2 if within else tag
        if within and missing:
            found[missing] = tag + tag % 2
        missing, last = [], int(unit)
    return found
