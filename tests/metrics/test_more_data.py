"""What it would take to decide."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.metrics.gain_decision import LEVEL
from headstart.metrics.more_data import Needed, chance, needed, needed_of
from headstart.metrics.paired_gain import paired_gain
from headstart.metrics.two_way import TwoWay


def table(mean: float, *, repeats: int = 5, of_repeats: float = 0.0, of_both: float = 0.02) -> TwoWay:
    return TwoWay(mean, repeats, 300, of_repeats=of_repeats, of_units=0.08, of_both=of_both)


def test_the_chance_equals_that_of_carrying_on_many_times() -> None:
    now, random = table(0.03), np.random.default_rng(0)
    units = 1200
    after, before = now.variance(units=units), now.variance()
    # new items are independent of those that are there, and the truth is as uncertain as the present interval says
    share = now.units / units
    truth = random.normal(0.03, np.sqrt(before), 100_000)
    new = random.normal(truth, np.sqrt((after - share**2 * before) / (1 - share) ** 2))
    estimates = share * 0.03 + (1 - share) * new
    half = 1.962 * np.sqrt(after)
    decided = (estimates - half > 0.01) | (estimates + half < -0.01) | (np.abs(estimates) + half < 0.01)
    assert chance(now, repeats=5, units=units, margin=0.01, level=LEVEL) == pytest.approx(decided.mean(), abs=0.005)


@pytest.mark.parametrize("mean", [0.03, -0.03, 0.0, 0.002])
def test_items_needed_are_the_least_that_give_the_power(mean: float) -> None:
    found = needed(table(mean), margin=0.01, level=LEVEL)
    assert found.units is not None
    assert found.repeats is None
    assert chance(table(mean), repeats=5, units=found.units, margin=0.01, level=LEVEL) >= 0.8
    assert chance(table(mean), repeats=5, units=found.units - 1, margin=0.01, level=LEVEL) < 0.8


def test_the_nearer_to_the_margin_the_more_it_takes() -> None:
    far, near = (needed(table(mean), margin=0.01, level=LEVEL).units for mean in (0.03, 0.02))
    assert far is not None
    assert near is not None
    assert near > 3 * far


def test_at_the_margin_it_takes_the_most() -> None:
    there, near = (needed(table(mean), margin=0.01, level=LEVEL).units for mean in (0.01, 0.02))
    assert there is not None
    assert near is not None
    assert there > 2 * near


def test_what_is_promised_for_gains_of_any_size_is_kept() -> None:
    """Gains are spread evenly, those that 300 units leave undetermined get what they need, up to 100 times as many."""
    random, told, decided = np.random.default_rng(1), 0, 0
    for truth in random.uniform(-0.2, 0.2, 2000):
        now = TwoWay(random.normal(truth, np.sqrt(0.08 / 300)), 1, 300, 0.0, 0.08, 0.0)
        error = np.sqrt(now.variance())
        if abs(now.mean) - 1.968 * error > 0.01:
            continue
        units = needed(now, margin=0.01, level=LEVEL).units
        assert units is not None
        new = random.normal(truth, np.sqrt(0.08 / (units - 300)))
        estimate, half = (300 * now.mean + (units - 300) * new) / units, 1.962 * np.sqrt(0.08 / units)
        told += 1
        decided += abs(estimate) - half > 0.01 or abs(estimate) + half < 0.01
    assert told > 300
    assert 0.74 < decided / told < 0.86


def test_where_repeats_dominate_it_takes_repeats() -> None:
    found = needed(table(0.09, of_repeats=0.006), margin=0.01, level=LEVEL)
    assert found.units is None
    assert found.repeats is not None
    assert 8 < found.repeats <= 20


def test_it_may_take_both() -> None:
    found = needed(table(0.018, of_repeats=0.0001), margin=0.01, level=LEVEL)
    assert found.units is not None
    assert found.repeats is not None


def test_one_repeat_is_told_items_only() -> None:
    one = TwoWay(0.03, 1, 300, 0.0, 0.08, 0.0)
    assert needed(one, margin=0.01, level=LEVEL).units is not None
    assert needed(one, margin=0.01, level=LEVEL).repeats is None
    assert needed(TwoWay(0.03, 5, 300, 0.0, 0.0, 0.0), margin=0.01, level=LEVEL) == Needed()


def test_the_record_alone_tells_the_same() -> None:
    random = np.random.default_rng(3)
    control = (random.random((5, 300)) < 0.7).astype(float)
    transfer = np.where(random.random((5, 300)) < 0.1, 1.0, control)
    gain = paired_gain(transfer, control, margin=float((transfer - control).mean()) - 0.005)
    assert gain.decision == "undetermined"
    found = needed_of(gain)
    assert (found.units, found.repeats) == (gain.items_needed, gain.repeats_needed)
    assert needed_of(gain.model_copy(update={"variance": {}})) == Needed()
    assert needed_of(gain.model_copy(update={"decision": "helps"})) == Needed()
