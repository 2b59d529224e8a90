"""From the probabilities of every word's tags to the most probable legal sequence, and how sure each entity is.

Words are taken to be independent but for the rule that what goes on has to have begun: the sequence is the best one
that the rule allows (Viterbi), and an entity's probability is the share of all allowed sequences, by their
probability, that have exactly this entity (forward-backward). `O`, `B` and `I` are 0, 1 + 2l and 2 + 2l for label l.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from headstart.core.tags import Spans, Tags, legal

Scores = npt.NDArray[np.floating[Any]]


def best_tags(scores: Scores) -> Tags:
    """int32 (W,): the legal sequence of the highest sum of logarithmic probabilities (W, 1 + 2C)."""
    greedy = scores.argmax(axis=1).astype(np.int32) if len(scores) else np.zeros(0, np.int32)
    if legal(greedy):
        return greedy
    words, tags = scores.shape
    before = np.zeros((words, tags), np.int32)
    total = scores[0].astype(np.float64).copy()
    total[2::2] = -np.inf
    for word in range(1, words):
        best = int(total.argmax())
        begun, going_on = total[1::2], total[2::2]
        from_begun = begun >= going_on
        inside = np.where(from_begun, begun, going_on)
        before[word] = best
        before[word, 2::2] = np.where(from_begun, np.arange(1, tags, 2), np.arange(2, tags, 2))
        reached = np.full(tags, total[best])
        reached[2::2] = inside
        total = reached + scores[word]
    found = np.empty(words, np.int32)
    found[-1] = total.argmax()
    for word in range(words - 1, 0, -1):
        found[word - 1] = before[word, found[word]]
    return found


def span_probabilities(scores: Scores, spans: Spans) -> npt.NDArray[np.float64]:
    """(E,): the probability of each entity (first word, word after the last, label), neither longer nor shorter."""
    if not len(spans):
        return np.zeros(0)
    scores = np.asarray(scores, np.float64)
    words, tags = scores.shape
    # Before and behind a word, by whether an entity of each label goes on there: all sequences up to here, from here.
    ahead = _behind(scores)
    past = _before(scores)
    every = np.logaddexp.reduce(scores[0, _may_begin(tags)] + ahead[0, _may_begin(tags)])
    found = np.empty(len(spans))
    for place, (first, end, label) in enumerate(spans):
        inside = scores[first, 1 + 2 * label] + scores[first + 1 : end, 2 + 2 * label].sum()
        rest = 0.0
        if end < words:
            others = _may_begin(tags)
            rest = np.logaddexp.reduce(scores[end, others] + ahead[end, others])
        start = 0.0 if first == 0 else np.logaddexp.reduce(past[first - 1])
        found[place] = start + inside + rest - every
    return np.exp(np.minimum(found, 0.0))


def _may_begin(tags: int) -> npt.NDArray[np.int64]:
    """Tags that may stand behind anything."""
    return np.array([0, *range(1, tags, 2)], np.int64)


def _before(scores: Scores) -> Scores:
    """(W, K): the logarithm of the sum over all legal sequences up to a word that end with each tag."""
    words, tags = scores.shape
    found = np.full((words, tags), -np.inf)
    begin = _may_begin(tags)
    found[0, begin] = scores[0, begin]
    for word in range(1, words):
        found[word, begin] = np.logaddexp.reduce(found[word - 1])
        found[word, 2::2] = np.logaddexp(found[word - 1, 1::2], found[word - 1, 2::2])
        found[word] += scores[word]
    return found


def _behind(scores: Scores) -> Scores:
    """(W, K): the same of everything behind a word with each tag."""
    words, tags = scores.shape
    found = np.zeros((words, tags))
    begin = _may_begin(tags)
    for word in range(words - 2, -1, -1):
        later = scores[word + 1] + found[word + 1]
        free = np.logaddexp.reduce(later[begin])
        found[word] = free
        found[word, 1::2] = np.logaddexp(free, later[2::2])
        found[word, 2::2] = found[word, 1::2]
    return found
