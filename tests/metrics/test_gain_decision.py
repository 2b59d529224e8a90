"""Four answers from an interval and a margin."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.core.gain import Gain
from headstart.metrics.gain_decision import (
    at_level,
    bounds,
    check_settings,
    decide,
    decision_p_value,
    joined,
    quantile,
    sentence_of_one_repeat,
    two_sided,
)


def gain(estimate: float, *, error: float = 0.01, degrees: float = 20.0, level: float = 0.95) -> Gain:
    low, high = bounds(estimate, error=error, degrees=degrees, level=level)
    return Gain(
        estimate=estimate,
        low=low,
        high=high,
        level=level,
        decision=decide(low, high, margin=0.01),
        p_value=two_sided(estimate, error=error, degrees=degrees),
        repeats=5,
        items=500,
        disagreement=0.1,
        standard_error=error,
        degrees=degrees,
    )


@pytest.mark.parametrize(
    ("low", "high", "answer"),
    [
        (0.011, 0.2, "helps"),
        (0.01, 0.2, "undetermined"),
        (-0.2, -0.011, "hurts"),
        (-0.2, -0.01, "undetermined"),
        (-0.009, 0.009, "equivalent"),
        (0.001, 0.009, "equivalent"),
        (-0.01, 0.009, "undetermined"),
        (-0.2, 0.2, "undetermined"),
    ],
)
def test_each_answer(low: float, high: float, answer: str) -> None:
    assert decide(low, high, margin=0.01) == answer


@given(st.floats(-1, 1), st.floats(0, 1), st.floats(0, 0.2))
def test_the_other_way_round_is_the_opposite(low: float, width: float, margin: float) -> None:
    opposite = {"helps": "hurts", "hurts": "helps"}
    found = decide(low, low + width, margin=margin)
    assert decide(-low - width, -low, margin=margin) == opposite.get(found, found)


def test_quantiles_and_p_values_equal_those_of_scipy() -> None:
    from scipy.stats import norm, t

    assert quantile(0.95, 4) == pytest.approx(t.ppf(0.975, 4))
    assert quantile(0.9, float("inf")) == pytest.approx(norm.ppf(0.95))
    assert two_sided(0.03, error=0.01, degrees=7) == pytest.approx(2 * t.sf(3, 7))
    assert two_sided(0.0, error=0.0, degrees=7) == 1
    assert two_sided(0.1, error=0.0, degrees=7) == 0


def test_no_interval_leaves_what_is_possible() -> None:
    assert bounds(0.9, error=1.0, degrees=1, level=0.95) == (-1.0, 1.0)


@given(st.floats(-0.1, 0.1), st.floats(0.001, 0.05), st.floats(2, 200))
def test_the_p_value_is_where_the_decision_turns(estimate: float, error: float, degrees: float) -> None:
    value, decision = decision_p_value(gain(estimate, error=error, degrees=degrees))
    if not 1e-6 < value < 0.999:
        return
    one = gain(estimate, error=error, degrees=degrees)
    assert at_level(one, 1 - value * 1.001).decision == decision
    if decision != "equivalent" or abs(estimate) > 1e-6:
        assert at_level(one, 1 - value * 0.999).decision != decision


def test_settings_that_mean_nothing_are_refused() -> None:
    check_settings(margin=0.0, level=0.9)
    for margin, level in ((-0.01, 0.95), (1.0, 0.95), (0.01, 1.0), (0.01, 0.0)):
        with pytest.raises(ValueError, match="fractions"):
            check_settings(margin=margin, level=level)


def test_sentences_are_put_in_order_without_empty_ones() -> None:
    assert joined("a", "", ["b", ""], "c") == ("a", "b", "c")
    assert "one repeat" in sentence_of_one_repeat()
