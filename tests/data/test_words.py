from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.data.words import spaceless, words_of


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in words_of(text)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hello, world!", ["Hello", ",", "world", "!"]),
        ("don't 3.5", ["don", "'", "t", "3", ".", "5"]),
        ("snake_case a-b", ["snake_case", "a", "-", "b"]),
        ("中国ABC公司2021年", ["中", "国", "ABC", "公", "司", "2021", "年"]),
        ("東京タワー", ["東", "京", "タ", "ワ", "ー"]),
        ("한국어 사람", ["한국어", "사람"]),
        ("e\u0301te\u0301", ["e\u0301te\u0301"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("ที่นี่", ["ที่", "นี่"]),
        ("שלום, עולם", ["שלום", ",", "עולם"]),
        ("می\u200cخواهم", ["می\u200cخواهم"]),
        ("👨\u200d👩\u200d👧👍🏽", ["👨\u200d👩\u200d👧", "👍🏽"]),
        ("🇩🇪🇫🇷 1\ufe0f\u20e3", ["🇩🇪", "🇫🇷", "1\ufe0f\u20e3"]),
        ("\u200f\u0627\u200f ", ["\u0627"]),
        (" \u0301x", ["\u0301", "x"]),
        (" \n\t\u3000", []),
        ("", []),
    ],
)
def test_words_of_any_script(text: str, words: list[str]) -> None:
    assert split(text) == words


@given(st.text())
def test_words_are_in_order_and_nothing_visible_is_lost(text: str) -> None:
    words = words_of(text)
    assert (words[:, 0] < words[:, 1]).all()
    assert (words[1:, 0] >= words[:-1, 1]).all()
    covered = {place for start, end in words for place in range(start, end)}
    assert all(text[place].isprintable() is False or text[place].isspace() for place in set(range(len(text))) - covered)


@given(st.lists(st.text("abcäöü", min_size=1), min_size=1))
def test_words_between_spaces(words: list[str]) -> None:
    assert split(" ".join(words)) == words


def test_scripts_without_spaces() -> None:
    assert [letter for letter in "aя中あไ한,。" if spaceless(letter)] == ["中", "あ", "ไ"]
