"""What an order of models foretells: its unit, regression to the mean, and coverage on made-up truths."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.metrics.contest import standing
from headstart.metrics.expectation import Foresight, expected

FORESIGHT = Foresight(agreement=0.7, unseen=0.05)


def answers(truths: list[float], items: int) -> np.ndarray:
    """Right or wrong (K, N)."""
    return (np.random.default_rng(0).random((len(truths), items)) < np.array(truths)[:, None]).astype(float)


def test_the_better_rank_is_expected_to_reach_more_and_all_of_it_sums_to_nothing() -> None:
    found = expected([3.0, 1.0, 2.0], answers([0.5, 0.9, 0.7], 5000), FORESIGHT)
    assert list(np.argsort(-found.means)) == [1, 2, 0]
    assert found.means.sum() == pytest.approx(0)
    together = np.sqrt(0.2**2 + 0.05**2)  # what the probes show, and what they do not
    assert found.means[1] == pytest.approx(0.7 * together, rel=0.05)
    assert found.spread == pytest.approx(np.sqrt(1 - 0.49) * together, rel=0.05)


def test_what_few_items_make_of_equal_models_is_taken_off() -> None:
    equal = expected([1.0, 2.0, 3.0], answers([0.6, 0.6, 0.6], 100), FORESIGHT)
    assert equal.means[0] == pytest.approx(0.7 * 0.05, abs=0.02)


def test_equal_ranks_and_a_model_alone_expect_nothing() -> None:
    assert np.all(expected([1.5, 1.5], answers([0.5, 0.9], 100), FORESIGHT).means == 0)
    alone = expected([1.0], answers([0.9], 100), FORESIGHT)
    assert list(alone.means) == [0.0]
    assert standing([], expected=alone).best == 0


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    """Truths that lie 0.1 apart, and orders that agree with them as well as is said; probes that show everything."""
    random, held = np.random.default_rng(1), []
    for _ in range(400):
        truths = random.normal(0, 0.1, 6)
        guess = 0.7 * truths + np.sqrt(1 - 0.49) * random.normal(0, 0.1, 6)
        ranks = [float(rank) for rank in 1 + np.argsort(np.argsort(-guess))]
        scores = truths[:, None] + random.normal(0, 0.05, (6, 400))
        found = standing([], expected=expected(ranks, scores, Foresight(0.7, 0.0)))
        lead, low, high = found.behind()
        best = found.best
        held += [low[k] <= truths[best] - truths[k] <= high[k] for k in range(6) if k != best]
        assert np.all(lead >= 0)
    assert 0.92 <= np.mean(held) <= 0.98
