"""A tokenizer made from texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.core.errors import DataError
from headstart.models.texts.vocabulary import SPECIAL, pieces_of, size_of, tokenizer_of


def test_chinese_characters_stand_alone_and_words_become_pieces() -> None:
    tokenizer = tokenizer_of(["很好用 great greater greatest", "不好用 great"] * 3, size=60)
    assert size_of(tokenizer) <= 60
    ((window,),) = tokenizer.windows(["好用不"], length=16)
    assert (window[0, 0], window[0, -1], window.shape[1]) == (SPECIAL.index("[CLS]"), SPECIAL.index("[SEP]"), 5)
    assert SPECIAL.index("[UNK]") not in window[0]
    ((word,),) = tokenizer.windows(["GREAT"], length=16)
    assert word.shape[1] == 3  # in lower case, it is one piece


def test_pairs_have_types() -> None:
    tokenizer = tokenizer_of(["a b c d"] * 3, size=30)
    ((window,),) = tokenizer.windows([("a b", "c")], length=16)
    assert window[1].tolist() == [0, 0, 0, 0, 1, 1]


def test_the_same_texts_give_the_same_tokenizer() -> None:
    texts = ["one two three", "two three four"] * 2
    assert tokenizer_of(texts, size=40).fingerprint == tokenizer_of(texts, size=40).fingerprint


def test_texts_without_words_are_told() -> None:
    with pytest.raises(DataError, match="no words"):
        tokenizer_of(["", "  "], size=30)


def test_the_commonest_neighbours_are_put_together_first() -> None:
    pieces = pieces_of({"low": 5, "lower": 2, "newest": 6, "widest": 3}, size=100)
    letters = [piece for piece in pieces if len(piece.removeprefix("##")) == 1]
    merged = pieces[len(letters) :]
    assert merged[:4] == ["##es", "##est", "##ow", "low"]  # 9, 9, 7 and 7 times
    assert set(letters) == {*"lnw", *(f"##{letter}" for letter in "owerstid")}
    assert "newest" in merged
    assert "lower" in merged


@given(st.dictionaries(st.text("abc", min_size=1, max_size=6), st.integers(1, 9), min_size=1), st.integers(5, 40))
def test_no_piece_is_there_twice_and_there_are_not_too_many(words: dict[str, int], size: int) -> None:
    pieces = pieces_of(words, size=size)
    assert len(pieces) == len(set(pieces)) <= size
    whole = "\n".join(words)
    assert all(piece.removeprefix("##") in whole for piece in pieces)
    assert pieces == pieces_of(dict(reversed(words.items())), size=size)
