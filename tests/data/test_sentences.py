from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from headstart.data.sentences import Sentences, join_words, tagged_dataset, written_without_spaces
from tests.data.tagged import entities_of, reasons, texts_of

WORD = st.text("ab1中。", min_size=1, max_size=3)


@given(st.lists(WORD, min_size=1), st.booleans())
def test_every_word_is_where_it_is_said_to_be(words: list[str], glued: bool) -> None:
    text, places = join_words(words, glued=glued)
    assert [text[start:end] for start, end in places] == words
    between = [text[first[1] : second[0]] for first, second in pairwise(places)]
    assert set(between) <= ({"", " "} if glued else {" "})


def test_what_stands_between_words() -> None:
    assert join_words(["I", "am", "."], glued=False)[0] == "I am ."
    assert join_words(["1", "9", "年", "iPhone", "X", "，", "x"], glued=True)[0] == "19年iPhone X，x"
    assert join_words([], glued=True)[0] == ""


def test_which_data_are_written_without_spaces() -> None:
    assert written_without_spaces(["中", "国", "，", "1", "abc"])
    assert not written_without_spaces(["the", "word", "中"])
    assert not written_without_spaces([".", "1"])
    assert not written_without_spaces(["한국", "사람"])


def test_texts_with_names_of_their_own() -> None:
    sentences = Sentences()
    sentences.add("first", ["a", "b"], ["B-X", "O"])
    sentences.add("second", ["c", "d"], ["O", "I-X"])
    assert (sentences.firsts.tolist(), sentences.text_of(1), sentences.text_of(2)) == ([0, 2], "first", "second")
    column = sentences.read()
    dataset = tagged_dataset(sentences, column, source="here")
    assert texts_of(dataset) == ["a b", "c d"]
    assert entities_of(dataset, 1) == [("X", "d")]
    assert reasons(dataset) == ["repaired: its tags break the rules of IOB2, and are read as conlleval reads them"]
    assert dataset.ledger.lines[0].items == ("second",)
    assert dataset.take(dataset.indices(*set(dataset.parts.tolist()))[1:]).inputs.name(0) == "second"
