from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.core.tags import legal, spans_of
from headstart.data.tag_schemes import is_tag, read_tags

LABELS = ("LOC", "PER")
Span = tuple[int, int, str]


def iob2(spans: list[Span], words: int) -> list[str]:
    return _written(spans, words, lambda place, first, last, beside: "B" if place == first else "I")


def iob1(spans: list[Span], words: int) -> list[str]:
    return _written(spans, words, lambda place, first, last, beside: "B" if place == first and beside else "I")


def bioes(spans: list[Span], words: int) -> list[str]:
    def letter(place: int, first: int, last: int, beside: bool) -> str:
        del beside
        if first == last:
            return "S"
        return "B" if place == first else "E" if place == last else "I"

    return _written(spans, words, letter)


def bmes(spans: list[Span], words: int) -> list[str]:
    return [tag.replace("I-", "M-") for tag in bioes(spans, words)]


def bilou(spans: list[Span], words: int) -> list[str]:
    return [tag.replace("E-", "L-").replace("S-", "U-") for tag in bioes(spans, words)]


def _written(spans: list[Span], words: int, letter: Callable[[int, int, int, bool], str]) -> list[str]:
    tags = ["O"] * words
    ends = {(end, label) for _, end, label in spans}
    for first, end, label in spans:
        for place in range(first, end):
            tags[place] = f"{letter(place, first, end - 1, (first, label) in ends)}-{label}"
    return tags


@st.composite
def sentences(draw: st.DrawFn) -> list[tuple[list[Span], int]]:
    found = []
    for _ in range(draw(st.integers(1, 3))):
        spans, place = [], 0
        for length, gap, label in draw(
            st.lists(st.tuples(st.integers(1, 3), st.integers(0, 1), st.sampled_from(LABELS)), max_size=4)
        ):
            spans.append((place, place + length, label))
            place += length + gap
        found.append((spans, place + 1))
    return found


@pytest.mark.parametrize("write", [iob1, iob2, bioes, bmes, bilou])
@settings(max_examples=40)
@given(data=sentences())
def test_every_scheme_says_the_same(write: Callable[..., list[str]], data: list[tuple[list[Span], int]]) -> None:
    written = [tag for spans, words in data for tag in write(spans, words)]
    starts = np.concatenate([np.arange(words) == 0 for _, words in data])
    column = read_tags(written, starts)
    offsets = np.cumsum([0, *(words for _, words in data)])
    due = [
        (first + offset, end + offset, label)
        for (spans, _), offset in zip(data, offsets, strict=False)
        for first, end, label in spans
    ]
    found = [(first, end, column.labels[label]) for first, end, label in spans_of(column.tags).tolist()]
    assert found == due
    assert legal(column.tags)
    assert not column.repaired.any()
    assert not column.unfit


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("OBIES"), st.sampled_from("xy")), min_size=1, max_size=10))
def test_any_sequence_is_read_as_seqeval_reads_it(pairs: list[tuple[str, str]]) -> None:
    seqeval = pytest.importorskip("seqeval.metrics.sequence_labeling")
    tags = ["O" if prefix == "O" else f"{prefix}-{label}" for prefix, label in pairs]
    column = read_tags(tags, np.arange(len(tags)) == 0)
    due = [(first, last + 1, label) for label, first, last in seqeval.get_entities(tags)]
    assert [(a, b, column.labels[c]) for a, b, c in spans_of(column.tags).tolist()] == due


@pytest.mark.parametrize(
    ("tags", "scheme", "repaired"),
    [
        ("O I-x I-x O I-y", "IOB1", []),
        ("B-x I-x O B-y", "IOB2", []),
        ("B-x O I-x", "IOB2", [2]),
        ("B-x I-y", "IOB2", [1]),
        ("B-x E-x S-y", "BIOES", []),
        ("B-x M-x E-x", "BMES", []),
        ("B-x L-x U-y", "BILOU", []),
        ("B-x E-y S-x", "BIOES", [1]),
        ("S-x B-x", "BIOES", [1]),
        ("x x O y", "labels alone", []),
        ("B_x I_x O", "IOB2", []),
    ],
)
def test_what_it_is_written_in(tags: str, scheme: str, repaired: list[int]) -> None:
    words = tags.split()
    column = read_tags(words, np.arange(len(words)) == 0)
    assert column.scheme == scheme
    assert np.flatnonzero(column.repaired).tolist() == repaired


def test_labels_with_hyphens_and_without_names() -> None:
    column = read_tags(["B-creative-work", "I-creative-work", "O", "B"], np.array([True, False, False, False]))
    assert column.labels == ("creative-work", "entity")
    assert column.tags.tolist() == [1, 2, 0, 3]


def test_prefixes_in_lower_case() -> None:
    column = read_tags(["b-per", "i-per", "o", "b-loc"], np.array([True, False, False, False]))
    assert (column.labels, column.tags.tolist()) == (("loc", "per"), [3, 4, 0, 1])
    alone = read_tags(["b-cell", "O", "s-wave"], np.array([True, False, False]))
    assert (alone.labels, alone.scheme) == (("b-cell", "s-wave"), "labels alone")


def test_tags_that_are_none() -> None:
    column = read_tags(["B-x", "PER", "Q-x", "PER"], np.array([True, False, False, False]))
    assert {tag: places.tolist() for tag, places in column.unfit.items()} == {"PER": [1, 3], "Q-x": [2]}
    assert column.labels == ("x",)


def test_an_entity_ends_with_its_sentence() -> None:
    column = read_tags(["B-x", "I-x"], np.array([True, True]))
    assert column.tags.tolist() == [1, 1]
    assert column.repaired.tolist() == [False, True]
    assert read_tags([], np.zeros(0, np.bool_)).labels == ()


def test_what_looks_like_a_tag() -> None:
    assert [text for text in ("O", "B-PER", "I", "S_x", "PER", "b-x", "-") if is_tag(text)] == [
        "O",
        "B-PER",
        "I",
        "S_x",
    ]
