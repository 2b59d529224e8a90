from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.train.schedule import rate_factor, warm_up_steps
from tests.train.tiny import strategy


def test_a_constant_schedule_is_one_from_the_first_step() -> None:
    assert [rate_factor(step, 5, strategy()) for step in range(5)] == [1.0] * 5


def test_warm_up_rises_in_equal_parts_to_one() -> None:
    chosen = strategy(warm_up=0.4)
    assert [rate_factor(step, 10, chosen) for step in range(5)] == pytest.approx([0.25, 0.5, 0.75, 1.0, 1.0])


def test_a_cosine_falls_along_the_formula() -> None:
    chosen = strategy(schedule="cosine")
    assert [rate_factor(step, 4, chosen) for step in range(4)] == pytest.approx(
        [1.0, (1 + math.sqrt(0.5)) / 2, 0.5, (1 - math.sqrt(0.5)) / 2]
    )


def test_cosine_after_warm_up_starts_at_one() -> None:
    chosen = strategy(schedule="cosine", warm_up=0.1)
    assert rate_factor(9, 100, chosen) == rate_factor(10, 100, chosen) == 1.0
    assert rate_factor(55, 100, chosen) == pytest.approx(0.5)


@given(
    total=st.integers(1, 500),
    warm_up=st.floats(0, 0.99),
    schedule=st.sampled_from(["constant", "cosine"]),
    data=st.data(),
)
def test_the_factor_is_always_above_zero_and_at_most_one(
    total: int, warm_up: float, schedule: str, data: st.DataObject
) -> None:
    chosen = strategy(warm_up=warm_up, schedule=schedule)
    step = data.draw(st.integers(0, total - 1))
    assert 0 < rate_factor(step, total, chosen) <= 1
    assert warm_up_steps(chosen, total) < total
