"""The words of a text, for any script: what is tagged where a text comes without words of its own.

A word is a run of letters, digits and the marks on them. In scripts that are written without spaces (Chinese, Japanese,
Thai, Lao, Khmer, Burmese) each character with its marks is a word of its own, and so is each emoji, however many code
points it is made of, and each punctuation mark or symbol. Spaces and invisible characters belong to no word, but for
joiners inside one.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.int32]
_SPACELESS = (
    (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x19E0, 0x19FF), (0x1A20, 0x1AAF), (0x2E80, 0x2FDF),
    (0x3005, 0x3007), (0x3021, 0x3029), (0x3031, 0x3035), (0x3038, 0x303C), (0x3040, 0x312F), (0x31A0, 0x31FF),
    (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xA9E0, 0xA9FF), (0xAA60, 0xAA7F), (0xF900, 0xFAFF), (0xFF66, 0xFF9D),
    (0x1AFF0, 0x1B16F), (0x20000, 0x3FFFF),
)  # fmt: skip
"""Blocks of scripts without spaces between words; Korean has them."""
_JOINERS = "\u200c\u200d"
_LETTER, _ALONE, _MARK, _JOINER, _NOTHING, _FLAG = range(6)


def words_of(text: str) -> Words:
    """int32 (W, 2): where each word starts and ends."""
    found: list[tuple[int, int]] = []
    start, end, open_kind = 0, 0, _NOTHING  # the last word, and what it goes on with
    joined = False
    for place, letter in enumerate(text):
        kind = _kind(letter)
        if kind == _NOTHING:
            joined, open_kind = False, _NOTHING
            continue
        if kind == _JOINER:
            joined = open_kind != _NOTHING
            continue
        if kind == _MARK and open_kind != _NOTHING:
            end = place + 1
            found[-1] = (start, end)
            continue
        goes_on = open_kind == _LETTER and kind == _LETTER
        goes_on |= open_kind == _FLAG and kind == _FLAG and place == start + 1
        goes_on |= joined and open_kind == kind == _ALONE and text[place - 1] == "\u200d"
        if goes_on:
            found[-1] = (start, place + 1)
        else:
            start = place
            found.append((place, place + 1))
        joined, open_kind = False, _ALONE if kind == _MARK else kind
    return np.array(found, np.int32).reshape(-1, 2)


def spaceless(letter: str) -> bool:
    """Whether a character belongs to a script that is written without spaces between words."""
    code = ord(letter)
    return code >= 0x0E00 and any(first <= code <= last for first, last in _SPACELESS)


@lru_cache(maxsize=1 << 16)
def _kind(letter: str) -> int:
    if letter in _JOINERS:
        return _JOINER
    category = unicodedata.category(letter)
    if category[0] in "ZC" and category != "Co":
        # tags behind a flag are part of it
        return _MARK if 0xE0020 <= ord(letter) <= 0xE007F else _NOTHING
    if category[0] == "M" or 0x1F3FB <= ord(letter) <= 0x1F3FF:  # skin tones stand behind an emoji as marks do
        return _MARK
    if 0x1F1E6 <= ord(letter) <= 0x1F1FF:
        return _FLAG
    if category[0] in "LN":
        return _ALONE if spaceless(letter) else _LETTER
    return _LETTER if letter == "_" else _ALONE
