"""Paired comparisons of several models: against plain formulas, and on made-up truths."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from headstart.metrics.contest import Expectation, Proxy, paired_means, standing, survivors


def answers(truths: list[float], items: int, *, seed: int, hardness: float = 1.0) -> np.ndarray:
    """Right or wrong (K, N), where items that are hard are hard for all."""
    random = np.random.default_rng(seed)
    common = random.normal(size=items) * hardness
    own = random.normal(size=(len(truths), items))
    limits = stats.norm.ppf(truths) * np.sqrt(1 + hardness**2)
    return (common + own < limits[:, None]).astype(float)


def test_the_error_of_a_difference_is_that_of_the_paired_formula() -> None:
    scores = answers([0.8, 0.7], 400, seed=0)
    means, errors = paired_means(scores)
    difference = scores[0] - scores[1]
    found = errors[0, 0] + errors[1, 1] - 2 * errors[0, 1]
    assert means[0] - means[1] == pytest.approx(difference.mean())
    assert found == pytest.approx(difference.var(ddof=1) / 400 + 2 * 0.5 / 400**2, rel=1e-6)


def test_groups_are_what_was_sampled() -> None:
    """Each item four times over is no more evidence than once."""
    scores = answers([0.8, 0.7, 0.75], 2000, seed=1)
    _, once = paired_means(scores)
    _, again = paired_means(np.repeat(scores, 4, axis=1), np.repeat(np.arange(2000), 4))
    np.testing.assert_allclose(np.diag(again), np.diag(once), rtol=0.02)
    _, naive = paired_means(np.repeat(scores, 4, axis=1))
    assert np.all(np.diag(naive) < 0.5 * np.diag(once))


@given(truths=st.lists(st.floats(0.5, 0.95), min_size=2, max_size=6), seed=st.integers(0, 5))
def test_one_proxy_without_a_spread_ranks_as_its_means_do(truths: list[float], seed: int) -> None:
    scores = answers(truths, 300, seed=seed)
    found = standing([Proxy(scores, 0.0)])
    order = np.argsort(scores.mean(axis=1))
    clear = np.diff(scores.mean(axis=1)[order]) > 0.02  # those that differ less may have the weaker evidence
    assert np.all(np.diff(found.means[order])[clear] > 0)
    lead, low, high = found.behind()
    assert lead[found.best] == low[found.best] == high[found.best] == 0
    assert np.all(low <= lead)
    assert np.all(lead <= high)


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    truths = [0.85, 0.80, 0.75]
    held: list[bool] = []
    for seed in range(300):
        found = standing([Proxy(answers(truths, 300, seed=seed), 0.0)])
        _, low, high = found.behind()
        others = [place for place in range(3) if place != found.best]
        held += [low[place] <= truths[found.best] - truths[place] <= high[place] for place in others]
    assert 0.92 <= np.mean(held) <= 0.99


def test_a_proxy_that_tells_little_moves_little() -> None:
    exact, vague = answers([0.9, 0.6], 500, seed=2), answers([0.6, 0.9], 500, seed=3)
    both = standing([Proxy(exact, 0.001), Proxy(vague, 0.5)])
    assert both.best == 0
    assert standing([Proxy(exact, 0.5), Proxy(vague, 0.001)]).best == 1


def test_who_took_no_part_stays_known_by_the_rest() -> None:
    first = answers([0.9, 0.7, 0.8], 400, seed=4)
    second = answers([0.9, 0.7, 0.8], 200, seed=5)
    second[1] = np.nan
    found = standing([Proxy(first, 0.01), Proxy(second, 0.01)])
    assert np.argsort(-found.means).tolist() == [0, 2, 1]
    wide = np.diag(found.covariance)
    assert wide[1] > wide[0]


def test_a_level_that_only_some_share_does_not_move_them() -> None:
    """A proxy on easier items raises all that took part in it alike: that says nothing of who is better."""
    scores = answers([0.8, 0.8, 0.8], 400, seed=6)
    easier = np.stack([scores[0] + 0.5, scores[1] + 0.5, np.full(400, np.nan)])
    plain = standing([Proxy(scores, 0.02)])
    found = standing([Proxy(scores, 0.02), Proxy(easier, 0.02)])
    assert abs(found.means[2] - plain.means[2]) < 0.02


def test_nobody_leaves_who_is_within_a_standard_error() -> None:
    clear = answers([0.95, 0.9, 0.4, 0.3], 500, seed=7)
    assert survivors(clear, keep=2).tolist() == [0, 1]
    close = np.tile(answers([0.8], 100, seed=8), (4, 1))
    close[3, 0] = 1 - close[3, 0]
    assert set(survivors(close, keep=2)) == {0, 1, 2, 3}


def test_what_is_expected_gives_way_to_what_is_measured() -> None:
    expects = Expectation(means=np.array([0.1, -0.1]), spread=0.05)
    assert standing([], expected=expects).means == pytest.approx([0.1, -0.1])
    few = standing([Proxy(answers([0.6, 0.9], 10, seed=4), 0.0)], expected=expects)
    many = standing([Proxy(answers([0.6, 0.9], 2000, seed=4), 0.0)], expected=expects)
    assert many.best == 1
    assert many.means[1] > few.means[1]
