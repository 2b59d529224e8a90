from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.core.tags import legal, spans_of
from headstart.metrics.tag_decoding import best_tags, span_probabilities


def drawn(seed: int, words: int, labels: int) -> np.ndarray:
    logits = np.random.default_rng(seed).normal(0, 2, (words, 1 + 2 * labels))
    return logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)


def sequences(words: int, tags: int) -> list[np.ndarray]:
    return [found for one in product(range(tags), repeat=words) if legal(found := np.array(one, np.int32))]


@given(st.integers(0, 10_000), st.integers(1, 4), st.integers(1, 2))
def test_the_best_of_all_legal_sequences(seed: int, words: int, labels: int) -> None:
    scores = drawn(seed, words, labels)
    sums = {tuple(one): scores[np.arange(words), one].sum() for one in sequences(words, 1 + 2 * labels)}
    found = best_tags(scores)
    assert legal(found)
    assert sums[tuple(found)] == pytest.approx(max(sums.values()))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 4), st.integers(1, 2))
def test_the_share_of_all_legal_sequences_that_have_the_entity(seed: int, words: int, labels: int) -> None:
    scores = drawn(seed, words, labels)
    every = sequences(words, 1 + 2 * labels)
    weights = [np.exp(scores[np.arange(words), one].sum()) for one in every]
    spans = np.array(
        [
            (first, end, label)
            for first in range(words)
            for end in range(first + 1, words + 1)
            for label in range(labels)
        ]
    )
    due = [
        sum(weight for one, weight in zip(every, weights, strict=True) if span.tolist() in spans_of(one).tolist())
        / sum(weights)
        for span in spans
    ]
    np.testing.assert_allclose(span_probabilities(scores, spans), due, rtol=1e-9)


def test_of_nothing() -> None:
    assert best_tags(np.zeros((0, 3))).tolist() == []
    assert span_probabilities(np.zeros((0, 3)), np.zeros((0, 3), np.int32)).tolist() == []


def test_what_only_goes_on_is_made_to_begin() -> None:
    scores = np.log(np.array([[0.5, 0.4, 0.1], [0.1, 0.1, 0.8]]))
    assert best_tags(scores).tolist() == [1, 2]
