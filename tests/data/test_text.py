from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.data.text import TextError, content_hash, encoding_name, joined, likeness_hash, text_of


def test_stored_bytes_become_the_same_text_whatever_they_were_encoded_in() -> None:
    texts = [text_of("Größe ist nicht alles".encode(name)) for name in ("utf-8", "utf-8-sig", "utf-16", "cp1252")]
    assert set(texts) == {"Größe ist nicht alles"}
    assert encoding_name("Größe ist nicht alles".encode("cp1252")) == "Windows-1252"
    assert encoding_name("Größe") == "UTF-8"


@pytest.mark.parametrize(
    ("raw", "kind"), [("", "empty"), (" \n", "empty"), (b"", "empty"), (b"a\0b", "no text"), (3, "no text")]
)
def test_what_is_no_text_says_why(raw: object, kind: str) -> None:
    with pytest.raises(TextError) as caught:
        text_of(raw)
    assert caught.value.kind == kind


def test_half_a_surrogate_pair_is_replaced() -> None:
    assert text_of("a\ud800b") == "a?b"


def test_pairs_are_not_their_texts_put_together() -> None:
    assert text_of(("a", "b")) == ("a", "b")
    assert joined(("a", "b")) != "ab"
    hashes = {content_hash(text) for text in ("ab", ("a", "b"), ("ab", "c"), ("a", "bc"), ("b", "a"))}
    assert len(hashes) == 5


@given(st.text(), st.text())
def test_equal_texts_and_no_others_have_equal_hashes(first: str, second: str) -> None:
    assert (content_hash(first) == content_hash(second)) == (first == second)
    assert len(content_hash(first)) == len(likeness_hash(first)) == 16


def test_texts_that_are_nearly_the_same() -> None:
    alike = {likeness_hash(text) for text in ("It's  GREAT, really!", "it s great really", "It\u2019s great... really")}
    assert len(alike) == 1
    assert likeness_hash("it is great") not in alike
    assert likeness_hash("!!!") != likeness_hash("???")
    assert likeness_hash("这个好") == likeness_hash("这个好。")
