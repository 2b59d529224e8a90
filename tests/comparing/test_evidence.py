"""What the statistics say of scores."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from headstart.comparing.evidence import (
    band_of,
    curve_of,
    gain_of,
    gain_of_twice,
    gain_over_draws,
    interval_of,
    judged_together,
    labels_saved,
)
from headstart.core.gain import CurvePoint, Gain


def right(share: float, *, repeats: int = 5, items: int = 400, seed: int = 0) -> np.ndarray:
    return (np.random.default_rng(seed).random((repeats, items)) < share).astype(np.float64)


def test_a_gain_is_the_difference_of_the_means() -> None:
    ours, theirs = right(0.9), right(0.6, seed=1)
    gain = gain_of(ours, theirs, groups=None, margin=0.01)
    assert gain.estimate == pytest.approx(ours.mean() - theirs.mean())
    assert gain.decision == "helps"
    assert (gain.repeats, gain.items) == ours.shape


def test_whole_groups_widen_what_depends_on_the_group() -> None:
    of_group = right(0.7, repeats=1, items=20)[0]
    ours = np.tile(of_group.repeat(20), (5, 1))
    groups = np.arange(20).repeat(20).astype(np.int32)
    alone = gain_of(ours, np.zeros_like(ours), groups=None, margin=0.01)
    together = gain_of(ours, np.zeros_like(ours), groups=groups, margin=0.01)
    assert together.high - together.low > 3 * (alone.high - alone.low)


@pytest.mark.parametrize(("compare", "least", "most"), [(gain_over_draws, 0.0, 0.05), (gain_of, 0.07, 0.3)])
def test_a_draw_of_the_same_kind_is_rarely_found_helpful(
    compare: Callable[..., Gain], least: float, most: float
) -> None:
    """A random network presented as pretrained: one draw for all repeats, against a new draw in each of them."""
    random = np.random.default_rng(3)
    draws, items, helped = 400, 2000, 0
    hardness = random.random(items)
    for _ in range(draws):
        accuracies = 0.6 + 0.04 * random.standard_normal(6)
        ours = np.tile(hardness < accuracies[0], (5, 1)).astype(float)
        theirs = (hardness < accuracies[1:, None]).astype(float)
        helped += compare(ours, theirs, groups=None, margin=0.01).decision == "helps"
    assert least <= helped / draws <= most


def test_a_source_that_is_worth_something_is_still_found_helpful() -> None:
    gain = gain_over_draws(right(0.9), right(0.6, seed=1), groups=None, margin=0.01)
    assert gain.decision == "helps"
    plain = gain_of(right(0.9), right(0.6, seed=1), groups=None, margin=0.01)
    assert gain.estimate == plain.estimate
    assert gain.high - gain.low > plain.high - plain.low
    assert gain.standard_error > plain.standard_error


def test_several_gains_are_judged_more_strictly_than_one() -> None:
    gains = {str(seed): gain_of(right(0.75, seed=seed), right(0.7, seed=9), groups=None, margin=0.0) for seed in (1, 2)}
    judged = judged_together(gains)
    assert max(gain.p_value for gain in judged.values()) >= max(gain.p_value for gain in gains.values())
    assert min(gain.level for gain in judged.values()) < 1
    assert judged_together({}) == {}


def test_an_interval_holds_the_mean_and_stays_within_0_and_1() -> None:
    scores = right(0.95)
    low, high = interval_of(scores, groups=None)
    assert 0 < low < scores.mean() < high < 1
    assert high - scores.mean() < scores.mean() - low
    low, high = interval_of(np.ones((3, 50)), groups=None)
    assert high == pytest.approx(1)
    assert 0.9 < low < 0.95


def test_curves_say_what_labels_are_worth() -> None:
    def points(ceiling: float) -> list[CurvePoint]:
        return [
            CurvePoint(labels=n, values=tuple(ceiling - 1.2 * n**-0.5 + shift for shift in (-0.005, 0, 0.005)))
            for n in (25, 50, 100, 200)
        ]

    ours, theirs = curve_of(points(0.95)), curve_of(points(0.85))
    assert ours is not None
    assert theirs is not None
    assert band_of(ours, labels=100).estimate == pytest.approx(0.83, abs=0.02)
    assert 0 < gain_of_twice(ours).estimate < 0.05
    saved = labels_saved(ours, theirs, at=50)
    assert saved.at == 50
    assert saved.low > 50
    assert curve_of(points(0.9)[:2]) is None
