"""Several models judged together."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.metrics.multiple import adjust, holm
from headstart.metrics.paired_gain import paired_gain
from tests.metrics.test_gain_decision import gain


def test_adjusted_p_values_equal_a_worked_example() -> None:
    # 0.01 x 4, 0.02 x 3, then 0.03 x 2 raised to what stands before it, and 0.5 x 1
    assert adjust({"a": 0.03, "b": 0.01, "c": 0.5, "d": 0.02}) == pytest.approx(
        {"a": 0.06, "b": 0.04, "c": 0.5, "d": 0.06}
    )


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_adjusting_keeps_the_order_and_never_lowers(values: list[float]) -> None:
    given_values = {str(index): value for index, value in enumerate(values)}
    found = adjust(given_values)
    assert list(found) == list(given_values)
    for name, value in given_values.items():
        assert value <= found[name] <= min(1, value * len(values)) or found[name] == max(found.values())
        for other, bound in given_values.items():
            assert value > bound or found[name] <= found[other]


def test_one_model_stays_what_it_is() -> None:
    one, found = gain(0.05), holm({"only": gain(0.05)})["only"]
    assert (found.low, found.high, found.p_value) == pytest.approx((one.low, one.high, one.p_value))
    assert (found.level, found.decision) == (pytest.approx(one.level), one.decision)


def test_the_surest_is_judged_most_strictly_and_the_last_as_if_alone() -> None:
    gains = {"b": gain(0.0335), "a": gain(0.08), "c": gain(0.035)}
    found = holm(gains)
    assert list(found) == ["b", "a", "c"]
    assert [found[name].level for name in "acb"] == pytest.approx([1 - 0.05 / 3, 1 - 0.05 / 2, 0.95])
    assert {each.decision for each in found.values()} == {"helps"}


def test_after_the_first_that_is_undetermined_none_is_judged_more_mildly() -> None:
    found = holm({"a": gain(0.08), "b": gain(0.032), "c": gain(0.0315)})
    assert gain(0.0315).decision == "helps"
    assert [found[name].decision for name in "abc"] == ["helps", "undetermined", "undetermined"]
    assert found["b"].level == found["c"].level == pytest.approx(0.975)
    assert found["b"].low < 0.01


def test_intervals_and_decisions_agree() -> None:
    random = np.random.default_rng(0)
    control = (random.random((5, 300)) < 0.7).astype(float)
    gains = {}
    for name, rate in (("good", 0.5), ("some", 0.12), ("none", 0.0)):
        gains[name] = paired_gain(np.where(random.random((5, 300)) < rate, 1.0, control), control)
    found = holm(gains)
    assert found["good"].decision == "helps"
    for name, each in found.items():
        assert each.high - each.low >= gains[name].high - gains[name].low - 1e-9
        assert (each.decision == "helps") == (each.low > each.margin)
        assert each.p_value >= gains[name].p_value


def test_levels_that_differ_are_refused() -> None:
    with pytest.raises(ValueError, match="levels"):
        holm({"a": gain(0.1), "b": gain(0.1, level=0.9)})
    assert holm({}) == {}
