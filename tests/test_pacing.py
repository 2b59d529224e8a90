"""The number of steps out of a budget: within it by the measured pace; for transfer never more than its own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.core.strategy import Plan, Rule, Strategy
from headstart.pacing import MOST_OF_SCRATCH, within_budget

STRATEGY = Strategy(method="full", rules=(Rule(pattern="*", learning_rate=1e-3),), epochs=10, batch_size=20)


def plan(budget: float | None, *, pretrained: bool = True) -> Plan:
    return Plan(task="image-classification", model="m", strategy=STRATEGY, budget=budget, pretrained=pretrained)


def steps(budget: float | None, *, pretrained: bool = True, seconds: float = 0.01, spent: float = 0.0) -> int | None:
    asked = plan(budget, pretrained=pretrained)
    return within_budget(asked, items=100, others=50, item_seconds=seconds, spent=spent).strategy.steps


@given(st.floats(20, 1e4), st.floats(1e-4, 0.1), st.floats(0, 10))
def test_the_steps_take_no_longer_than_what_is_left(budget: float, seconds: float, spent: float) -> None:
    found = steps(budget, seconds=seconds, spent=spent)
    assert found is not None
    trained = found * 20 * seconds
    validated = found / 5 * 50 * seconds / 3
    passes = 150 * seconds / 3
    assert found == 1 or spent + trained + validated + passes <= budget


def test_transfer_gets_its_own_steps_at_most_and_scratch_more() -> None:
    assert steps(1e6) == 50
    assert steps(1e6, pretrained=False) == 50 * MOST_OF_SCRATCH
    assert steps(5.0, pretrained=False) == steps(5.0)


def test_without_a_budget_or_with_steps_given_nothing_changes() -> None:
    assert steps(None) is None
    given_steps = plan(10).model_copy(update={"strategy": STRATEGY.model_copy(update={"steps": 7})})
    assert within_budget(given_steps, items=100, others=0, item_seconds=1.0, spent=0.0) is given_steps


def test_the_reason_says_the_pace_and_the_budget() -> None:
    found = within_budget(plan(10), items=100, others=0, item_seconds=0.01, spent=0.0)
    reason = found.reasons[-1]
    assert reason.choice == "steps"
    assert reason.value == str(found.strategy.steps)
    assert "0.2 s a step" in reason.why
    assert "budget of 10 s" in reason.why


@pytest.mark.parametrize("budget", [1e-3, 0.5])
def test_there_is_at_least_one_step(budget: float) -> None:
    assert steps(budget, seconds=1.0) == 1
