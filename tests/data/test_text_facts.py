from __future__ import annotations

from headstart.data.reader import ReadOptions
from headstart.data.text_arrays import READER
from headstart.data.text_scan import scan_texts

TEXTS = ["A good film.", "a good film", "Bad!", "A good film.", "so so"]


def test_copies_are_exact_or_nearly_so() -> None:
    _, facts = scan_texts(READER.read((TEXTS, list("abcab")), ReadOptions()))
    assert facts.first_copies.tolist() == [0, 1, 2, 0, 4]
    assert facts.near_pairs.tolist() == [[0, 1]]
    assert facts.near_search == ""
    assert facts.take(facts.first_copies[:2]).content.shape == (2, 16)


def test_lengths_are_described() -> None:
    _, facts = scan_texts(READER.read((TEXTS, list("abcab")), ReadOptions()))
    about = facts.described()["texts"]
    assert (about.characters.smallest, about.characters.largest) == (4, 12)
    assert (about.words.smallest, about.words.median) == (1, 3)
    assert about.encodings == {"UTF-8": 5}
    assert not about.pairs
    assert facts.take(facts.first_copies[:0]).described() == {}
