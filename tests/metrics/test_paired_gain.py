"""The gain of one arm over another in a mean over items."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t as student
from scipy.stats import ttest_1samp, ttest_rel

from headstart.metrics.paired_gain import paired_gain, resampled_gain


def arms(
    repeats: int, items: int, *, gain: float = 0.05, differ: float = 0.1, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Scores of 0 and 1: an item is gained or lost by chance, the same for every repeat in half of the cases."""
    random = np.random.default_rng(seed)
    chances = np.where(random.random(items) < 0.5, random.random(items), random.random((repeats, items)))
    control = (random.random((repeats, items)) < 0.5).astype(float)
    gained, lost = chances < (differ + gain) / 2, chances > 1 - (differ - gain) / 2
    transfer = np.where(gained, 1.0, np.where(lost, 0.0, control))
    return transfer, np.where(gained, 0.0, np.where(lost, 1.0, control))


def test_with_endless_items_it_is_the_paired_t_over_repeats() -> None:
    random = np.random.default_rng(0)
    shifts = random.normal(0.05, 0.02, (5, 1))
    control = random.random((5, 20_000)) * 0.001 + 0.4
    transfer = control + shifts
    found = paired_gain(transfer, control)
    expected = ttest_rel(transfer.mean(axis=1), control.mean(axis=1))
    low, high = expected.confidence_interval(0.95)
    assert found.degrees == pytest.approx(4, rel=1e-3)
    assert (found.low, found.high) == pytest.approx((low, high), rel=1e-2)
    assert found.p_value == pytest.approx(expected.pvalue, rel=2e-2)
    assert found.variance["repeats"] > 0.99


def test_with_one_repeat_it_is_the_paired_t_over_items() -> None:
    random = np.random.default_rng(0)
    control = random.random((1, 2000)) * 0.5
    transfer = control + random.normal(0.02, 0.1, (1, 2000)).clip(-0.3, 0.3).clip(-control, 1 - control)
    found = paired_gain(transfer, control)
    low, high = ttest_rel(transfer[0], control[0]).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((low, high), rel=0.02)
    assert found.variance == {}
    assert "one repeat only" in found.notes[0]


def test_with_one_repeat_of_right_and_wrong_it_is_near_bonett_and_price() -> None:
    transfer, control = np.zeros((1, 100)), np.zeros((1, 100))
    transfer[0, :12], control[0, 12:16] = 1, 1
    ahead, behind, both = 13 / 102, 5 / 102, 18 / 102
    half = 1.984 * math.sqrt((both - (ahead - behind) ** 2) / 102)
    found = paired_gain(transfer, control)
    assert found.estimate == pytest.approx(0.08)
    assert found.high - found.low == pytest.approx(2 * half, rel=0.03)
    assert found.disagreement == pytest.approx(0.16)


def test_repeats_that_are_all_alike_are_one_repeat() -> None:
    transfer, control = arms(1, 400)
    one = paired_gain(transfer, control)
    five = paired_gain(np.repeat(transfer, 5, axis=0), np.repeat(control, 5, axis=0))
    assert (five.low, five.high) == pytest.approx((one.low, one.high))
    assert five.variance == pytest.approx({"repeats": 0, "test items": 1, "both": 0})


@given(st.integers(1, 6), st.integers(2, 60), st.integers(0, 1000), st.floats(0, 0.1))
def test_the_arms_the_other_way_round_give_the_opposite(repeats: int, items: int, seed: int, margin: float) -> None:
    transfer, control = arms(repeats, items, seed=seed)
    found, turned = paired_gain(transfer, control, margin=margin), paired_gain(control, transfer, margin=margin)
    assert (turned.estimate, turned.low, turned.high) == pytest.approx((-found.estimate, -found.high, -found.low))
    assert turned.p_value == pytest.approx(found.p_value)
    assert {found.decision, turned.decision} in ({"helps", "hurts"}, {"equivalent"}, {"undetermined"})
    assert found.low <= found.estimate <= found.high
    assert type(found).model_validate_json(found.model_dump_json()) == found


@given(st.integers(0, 1000))
def test_the_order_of_repeats_and_items_does_not_count(seed: int) -> None:
    random = np.random.default_rng(seed)
    transfer, control = arms(4, 30, seed=seed)
    rows, items, groups = random.permutation(4), random.permutation(30), random.integers(0, 8, 30)
    found = paired_gain(transfer, control, groups=groups)
    turned = paired_gain(transfer[rows][:, items], control[rows][:, items], groups=groups[items])
    assert (turned.low, turned.high) == pytest.approx((found.low, found.high))


def test_items_that_are_written_down_ten_times_are_no_more_evidence() -> None:
    transfer, control = arms(3, 60)
    ten = np.repeat(np.arange(60), 10)
    once, known = paired_gain(transfer, control), paired_gain(transfer[:, ten], control[:, ten], groups=ten)
    blind = paired_gain(transfer[:, ten], control[:, ten])
    assert (known.low, known.high) == pytest.approx((once.low, once.high))
    assert blind.high - blind.low < 0.7 * (once.high - once.low)
    assert known.items == 600


def test_groups_of_unequal_size_leave_the_mean_over_items() -> None:
    transfer, control = arms(3, 50)
    groups = np.array([0] * 30 + [1] * 10 + [-1] * 10)
    found = paired_gain(transfer, control, groups=groups)
    assert found.estimate == pytest.approx((transfer - control).mean())
    assert "12 groups of test items, which is few" in found.notes[0]


def test_nothing_that_differs_is_equivalent_only_with_enough_items() -> None:
    few, many = (paired_gain(np.ones((3, items)), np.ones((3, items))) for items in (100, 1000))
    assert few.decision == "undetermined"
    assert few.items_needed is not None
    assert many.decision == "equivalent"
    assert many.items_needed is None


def test_repeats_with_items_of_their_own_count_as_repeats_alone() -> None:
    transfer, control = arms(6, 100)
    found = paired_gain(transfer, control, shared_items=False)
    low, high = ttest_1samp((transfer - control).mean(axis=1), 0).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((low, high))
    assert found.items == 600
    one = paired_gain(transfer[:1], control[:1], shared_items=False)
    assert (one.low, one.high) == (
        paired_gain(transfer[:1], control[:1]).low,
        paired_gain(transfer[:1], control[:1]).high,
    )


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    held = alarms = 0
    for seed in range(600):
        transfer, control = arms(5, 300, gain=0.01, seed=seed)
        found = paired_gain(transfer, control, margin=0.01)
        held += found.low <= 0.01 <= found.high
        alarms += found.decision in ("helps", "hurts")
    assert 0.93 <= held / 600 <= 0.985
    assert alarms / 600 <= 0.05


@pytest.mark.parametrize(
    ("transfer", "control", "match"),
    [
        (np.ones(3), np.ones(3), "repeats, items"),
        (np.ones((2, 3)), np.ones((2, 4)), "repeats, items"),
        (np.ones((2, 0)), np.ones((2, 0)), "repeats, items"),
        (np.full((2, 3), 1.5), np.ones((2, 3)), "0..1"),
        (np.full((2, 3), np.nan), np.ones((2, 3)), "0..1"),
        (np.ones((2, 1)), np.ones((2, 1)), "takes two"),
    ],
)
def test_what_are_no_scores_is_refused(transfer: np.ndarray, control: np.ndarray, match: str) -> None:
    with pytest.raises(ValueError, match=match):
        paired_gain(transfer, control)


def test_the_corrected_resampled_t_equals_its_formula() -> None:
    values = np.array([0.02, 0.05, 0.03, 0.08])
    found = resampled_gain(values, train_items=200, test_items=100, disagreement=0.2)
    half = 3.182446 * values.std(ddof=1) * math.sqrt(1 / 4 + 0.5)
    assert (found.low, found.high) == pytest.approx((0.045 - half, 0.045 + half), rel=1e-5)
    assert (found.repeats, found.items, found.disagreement) == (4, 100, 0.2)
    statistic = ttest_1samp(values, 0).statistic / math.sqrt(1 + 4 * 0.5)
    assert found.p_value == pytest.approx(2 * student.sf(statistic, 3))


def test_splits_that_never_differ_say_nothing() -> None:
    found = resampled_gain(np.full(5, 0.1), train_items=10, test_items=5)
    assert (found.low, found.high, found.decision, found.p_value) == (-1, 1, "undetermined", 1)
    assert "All repeats" in found.notes[0]


@pytest.mark.parametrize("values", [[0.1], [[0.1, 0.2]], [0.1, np.nan], [0.1, 2.0]])
def test_what_are_no_differences_is_refused(values: list[float]) -> None:
    with pytest.raises(ValueError, match="differences"):
        resampled_gain(np.array(values), train_items=10, test_items=5)
    with pytest.raises(ValueError, match="training"):
        resampled_gain(np.array([0.1, 0.2]), train_items=0, test_items=5)
