from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.core.errors import DataError
from headstart.core.tags import legal, spans_of
from headstart.data.entity_spans import BLANK, CUT, ELSEWHERE, OVERLAP, WORDLESS, align

TEXT = "Ada Lovelace lived in London, England."


def aligned(text: str, spans: list[object]) -> tuple[list[tuple[str, str]], list[str]]:
    """Label and characters of each entity, and why something was done to them."""
    found = align([text], [spans], ["row 1"], place="here")
    (target,) = found.targets
    assert legal(target.tags)
    entities = [
        (found.labels[label], text[target.words[first, 0] : target.words[end - 1, 1]])
        for first, end, label in spans_of(target.tags)
    ]
    return entities, [reason for _, reason, _ in found.events]


@pytest.mark.parametrize(
    "span",
    [
        {"start": 22, "end": 28, "label": "LOC"},
        {"start_offset": 22, "end_offset": 28, "type": "LOC"},
        {"start": 22, "end": 28, "label": ["LOC"]},
        {"start": 22, "end": 28, "entity_group": "LOC", "score": 0.9, "word": "London"},
        [22, 28, "LOC"],
        (22, 28, "LOC"),
    ],
)
def test_forms_of_spans(span: object) -> None:
    assert aligned(TEXT, [span]) == ([("LOC", "London")], [])


def test_spans_that_do_not_fit_words() -> None:
    assert aligned(TEXT, [[0, 13, "PER"]]) == ([("PER", "Ada Lovelace")], [BLANK])
    whole = [[22, 28, "LOC"], [30, 37, "LOC"]]
    assert aligned(TEXT, [[0, 9, "PER"], *whole]) == (
        [("PER", "Ada Lovelace"), ("LOC", "London"), ("LOC", "England")],
        [CUT],
    )
    assert aligned(TEXT, [[22, 37, "A"], [22, 28, "B"]]) == ([("A", "London, England")], [OVERLAP])
    assert aligned(TEXT, [[3, 4, "A"], [0, 3, "A"]]) == ([("A", "Ada")], [WORDLESS])


def test_a_place_that_is_not_where_the_own_text_is() -> None:
    text = "我在北京见到了张三和李四"
    right = [
        {"start": 2, "end": 4, "label": "LOC", "text": "北京"},
        {"start": 7, "end": 9, "label": "PER", "text": "张三"},
    ]
    assert aligned(text, right) == ([("LOC", "北京"), ("PER", "张三")], [])
    wrong = {"start": 10, "end": 11, "label": "PER", "text": "李四"}
    assert aligned(text, [*right, wrong])[1] == [ELSEWHERE]
    assert aligned("NEW\nYork", [{"start": 0, "end": 8, "label": "LOC", "word": "New York"}])[1] == []
    in_bytes = [{"start": 6, "end": 12, "label": "LOC", "text": "北京"}]
    with pytest.raises(DataError, match=r"'北京' is said, and '了张三和李四' stands there \(row 1\)"):
        aligned(text, in_bytes)


@pytest.mark.parametrize("span", [["0", "3", "PER"], [0.0, 3.0, "PER"], [0, 3, ""], {"start": 0, "label": "PER"}])
def test_what_a_span_has_to_have(span: object) -> None:
    with pytest.raises(DataError, match="is no span: it has to have start and end, whole numbers, and a label"):
        aligned(TEXT, [span])


def test_any_unicode() -> None:
    text = "👩\u200d🚀 e\u0301va 北京大学 שלום"
    assert aligned(text, [[0, 3, "A"], [4, 8, "B"], [9, 11, "C"], [14, 18, "D"]]) == (
        [("A", "👩\u200d🚀"), ("B", "e\u0301va"), ("C", "北京"), ("D", "שלום")],
        [],
    )


def test_all_problems_at_once() -> None:
    spans = [[5, 5, "A"], [-1, 2, "A"], [0, 99, "A"], {"start": 0}, [0.5, 2, "A"], [0, 2, 3], [0, 2, " "]]
    with pytest.raises(DataError) as caught:
        align([TEXT], [spans], ["row 1"], place="here")
    assert len(caught.value.problems) == 6
    assert caught.value.problems[0] == "row 1 of here: 'A' from 5 to 5 is not within the 38 characters."
    assert caught.value.problems[-1] == "So are 2 more spans of here."
    assert "`start` is the place of the first character" in caught.value.hint


def test_places_that_are_not_those_of_characters() -> None:
    with pytest.raises(DataError, match="3 of the 3 entities of here begin or end inside a word"):
        align([TEXT], [[[1, 2, "A"], [5, 7, "A"], [23, 25, "A"]]], ["row 1"], place="here")


@given(st.lists(st.text("abc", min_size=1), min_size=1, max_size=6), st.data())
def test_spans_of_whole_words_come_back(words: list[str], data: st.DataObject) -> None:
    text = " ".join(words)
    chosen = data.draw(st.sets(st.integers(0, len(words) - 1)))
    starts = [sum(len(word) + 1 for word in words[:place]) for place in range(len(words))]
    spans = [[starts[place], starts[place] + len(words[place]), "X"] for place in sorted(chosen)]
    entities, events = aligned(text, spans)
    assert entities == [("X", words[place]) for place in sorted(chosen)]
    assert events == []
