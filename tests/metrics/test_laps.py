"""Successive halving on made-up scores."""

from __future__ import annotations

import numpy as np

from headstart.metrics.laps import Laps, decided
from tests.metrics.test_contest import answers


def laps(count: int, *, items: int = 400, folds: int = 2) -> Laps:
    return Laps(count, np.arange(items) % folds, 0.001)


def test_the_better_half_goes_on() -> None:
    scores = answers([0.9, 0.85, 0.5, 0.4], 200, seed=0)
    assert laps(4).enter(dict(enumerate(scores)), share=0.5, fold=0) == [0, 1]


def test_who_did_not_go_on_is_given_what_the_others_gained() -> None:
    """Otherwise more steps would look like a better model."""
    running = laps(3)
    first = answers([0.7, 0.69, 0.6], 200, seed=1)
    running.enter(dict(enumerate(first)), share=0.5, fold=0)
    later = {0: np.minimum(first[0] + 0.1, 1.1), 1: first[1] + 0.1}
    running.enter(later, share=1.0, fold=0)
    share, moved = running.last[0][2]
    assert share == 0.5
    np.testing.assert_allclose(moved.mean() - first[2].mean(), 0.1)


def test_laps_on_other_items_add_up() -> None:
    one, both = laps(2), laps(2)
    first, second = answers([0.8, 0.7], 200, seed=2), answers([0.8, 0.7], 200, seed=3)
    one.enter(dict(enumerate(first)), share=1.0, fold=0)
    both.enter(dict(enumerate(first)), share=1.0, fold=0)
    both.enter(dict(enumerate(second)), share=1.0, fold=1)

    def wide(found: Laps) -> float:
        _, low, high = found.standing().behind()
        return float((high - low).max())

    assert wide(both) < 0.8 * wide(one)


def test_it_is_decided_when_intervals_separate_or_nothing_is_at_stake() -> None:
    running = laps(2)
    running.enter(dict(enumerate(answers([0.95, 0.5], 200, seed=4))), share=1.0, fold=0)
    assert "separated" in decided(running.standing(), [0, 1], same=0.01)
    same = answers([0.8], 200, seed=5)[0]
    equal = Laps(2, np.arange(400) % 2, 0.0)
    equal.enter({0: same, 1: same}, share=1.0, fold=0)
    assert "equally good" in decided(equal.standing(), [0, 1], same=0.02)
    close = laps(2)
    close.enter(dict(enumerate(answers([0.8, 0.78], 200, seed=6))), share=1.0, fold=0)
    assert decided(close.standing(), [0, 1], same=0.001) == ""
    assert decided(close.standing(), [0], same=0.001) == "one is left"
