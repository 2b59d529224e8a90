from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.core.tags import tag_names
from headstart.metrics.entities import entity_counts, entity_f1, measure_entities

LABELS = ("LOC", "PER")


def tags_drawn(seed: int, texts: int = 5) -> list[np.ndarray]:
    """Legal tags of texts."""
    random = np.random.default_rng(seed)
    found = []
    for _ in range(texts):
        tags, before = [], 0
        for _ in range(random.integers(1, 8)):
            before = int(random.choice([0, 0, 1, 3, *([before + before % 2] if before else [])]))
            tags.append(before)
        found.append(np.array(tags, np.int32))
    return found


def slow_f1(said: list[np.ndarray], true: list[np.ndarray]) -> float:
    """From the definition: sets of (text, first word, last word, label)."""

    def entities(texts: list[np.ndarray]) -> set[tuple[int, int, int, int]]:
        found = set()
        for place, tags in enumerate(texts):
            for word, tag in enumerate(tags):
                if tag % 2 == 1:
                    end = word + 1
                    while end < len(tags) and tags[end] == tag + 1:
                        end += 1
                    found.add((place, word, end, (tag - 1) // 2))
        return found

    first, second = entities(said), entities(true)
    both = len(first) + len(second)
    return 2 * len(first & second) / both if both else 0.0


@given(st.integers(0, 10_000))
def test_f1_from_the_definition(seed: int) -> None:
    true = tags_drawn(seed)
    said = _fitted(seed, true)
    counts = entity_counts(said, true, labels=2)
    assert entity_f1(counts) == pytest.approx(slow_f1(said, true))


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.UndefinedMetricWarning")
@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_to_the_last_digit_of_seqeval(seed: int) -> None:
    seqeval = pytest.importorskip("seqeval.metrics")
    true = tags_drawn(seed)
    said = [
        one if place % 2 else other for place, (one, other) in enumerate(zip(true, _fitted(seed, true), strict=True))
    ]
    names = tag_names(LABELS)
    written = [[[names[tag] for tag in tags] for tags in side] for side in (true, said)]
    counts = entity_counts(said, true, labels=2)
    measured = measure_entities(counts, LABELS, part="test")
    assert measured.metrics == {
        "entity_f1": seqeval.f1_score(*written),
        "entity_precision": seqeval.precision_score(*written),
        "entity_recall": seqeval.recall_score(*written),
    }
    report = seqeval.classification_report(*written, output_dict=True)
    for row in measured.per_class:
        if row.support:
            due = report[row.label]
            assert (row.recall, row.f1, row.support) == (due["recall"], due["f1-score"], due["support"])


def _fitted(seed: int, true: list[np.ndarray]) -> list[np.ndarray]:
    """Other legal tags of texts as long."""
    found = []
    for one, other in zip(true, tags_drawn(seed + 7), strict=True):
        tags = np.zeros(len(one), np.int32)
        tags[: min(len(one), len(other))] = other[: len(one)]
        found.append(tags)
    return found


def test_rows_intervals_and_notes() -> None:
    true = [np.array([1, 2, 0]), np.array([3]), np.array([0]), np.array([1])] * 10
    said = [np.array([1, 2, 0]), np.array([1]), np.array([0]), np.array([1])] * 10
    found = measure_entities(entity_counts(said, true, labels=3), (*LABELS, "ORG"), part="dev")
    assert (found.part, found.items, found.resampled) == ("dev", 40, "40 texts")
    assert found.metrics["entity_f1"] == pytest.approx(2 / 3)
    low, high = found.intervals["entity_f1"]
    assert low < 2 / 3 < high
    rows = {row.label: (row.support, row.precision, row.recall, row.f1) for row in found.per_class}
    assert rows == {
        "LOC": (20, pytest.approx(2 / 3), 1, pytest.approx(0.8)),
        "PER": (10, None, 0, 0),
        "ORG": (0, None, None, None),
    }
    nothing = measure_entities(entity_counts([np.zeros(2)], [np.zeros(2)], labels=1), ("X",), part="test")
    assert nothing.metrics["entity_f1"] == 0
    assert nothing.notes == ("There is no entity in these texts: recall and F1 say nothing.",)
    assert nothing.intervals == {}


def test_intervals_of_what_never_differs() -> None:
    tags = [np.array([1])] * 30
    low, high = measure_entities(entity_counts(tags, tags, labels=1), ("X",), part="test").intervals["entity_f1"]
    assert low == pytest.approx(0.88, abs=0.02)
    assert high == 1
