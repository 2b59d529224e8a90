"""The number of steps out of a budget: within it by the measured pace; for transfer never more than its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.core.strategy import Contrast, Plan, Rule, Strategy
from headstart.pacing import MOST_OF_SCRATCH, MOST_OF_TRANSFER, training_seconds, within_budget
from headstart.tasks.task import Model
from headstart.tasks.unit_length import UnitLength
from headstart.train import trial
from headstart.train.contrastive import SupervisedContrast
from tests.views.studies import strategy, study

STRATEGY = Strategy(method="full", rules=(Rule(pattern="*", learning_rate=1e-3),), epochs=10, batch_size=20)


def plan(budget: float | None, *, method: str = "full") -> Plan:
    strategy = STRATEGY.model_copy(update={"method": method})
    return Plan(task="image-classification", model="m", strategy=strategy, budget=budget)


def steps(
    budget: float | None, *, method: str = "full", seconds: float = 0.01, spent: float = 0.0, tested: int = 20
) -> int | None:
    asked = plan(budget, method=method)
    found = within_budget(asked, items=100, validated=30, tested=tested, item_seconds=seconds, spent=spent)
    return found.strategy.steps


@given(st.floats(20, 1e4), st.floats(1e-4, 0.1), st.floats(0, 10))
def test_the_steps_take_no_longer_than_what_is_left(budget: float, seconds: float, spent: float) -> None:
    found = steps(budget, seconds=seconds, spent=spent)
    assert found is not None
    trained = found * 20 * seconds
    validated = found / 5 * 30 * seconds / 3
    passes = 150 * seconds / 3
    assert found == 1 or spent + trained + validated + passes <= budget


def test_transfer_gets_its_own_steps_at_most_and_scratch_more() -> None:
    assert steps(1e6) == 50
    assert steps(1e6, method="scratch") == 50 * MOST_OF_SCRATCH
    assert steps(5.0, method="scratch") == steps(5.0)


def test_transfer_to_masks_goes_on_for_longer_where_there_is_time() -> None:
    asked = plan(1e6).model_copy(update={"task": "semantic-segmentation"})
    found = within_budget(asked, items=100, validated=30, tested=20, item_seconds=0.01, spent=0.0)
    assert found.strategy.steps == 50 * MOST_OF_TRANSFER["semantic-segmentation"]


def test_fresh_weights_under_a_method_for_pretrained_ones_get_no_more_steps_than_those() -> None:
    fresh = plan(1e6).model_copy(update={"pretrained": False})
    found = within_budget(fresh, items=100, validated=30, tested=20, item_seconds=0.01, spent=0.0)
    assert found.strategy.steps == steps(1e6)


def test_test_items_are_looked_at_once_and_not_after_every_epoch() -> None:
    few, many = steps(20.0, tested=20, method="scratch"), steps(20.0, tested=320, method="scratch")
    assert few is not None
    assert many is not None
    a_step = 20 * 0.01 + 30 * 0.01 / 3 / 5
    assert few - many == pytest.approx(300 * 0.01 / 3 / a_step, abs=1)


def test_without_a_budget_or_with_steps_given_nothing_changes() -> None:
    assert steps(None) is None
    given_steps = plan(10).model_copy(update={"strategy": STRATEGY.model_copy(update={"steps": 7})})
    assert within_budget(given_steps, items=100, validated=0, tested=0, item_seconds=1.0, spent=0.0) is given_steps


def test_the_reason_says_the_pace_and_the_budget() -> None:
    found = within_budget(plan(10), items=100, validated=0, tested=0, item_seconds=0.01, spent=0.0)
    reason = found.reasons[-1]
    assert reason.choice == "steps"
    assert reason.value == str(found.strategy.steps)
    assert "0.2 s a step" in reason.why
    assert "budget of 10 s" in reason.why


@pytest.mark.parametrize("budget", [1e-3, 0.5])
def test_there_is_at_least_one_step(budget: float) -> None:
    assert steps(budget, seconds=1.0) == 1


def test_a_contrast_has_the_pace_of_its_own_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Embeddings of length 1 compared in pairs: no head for labels takes part, and the model's stays as it is."""
    asked: list[tuple[Model, Any]] = []
    seconds = trial.seconds_per_item

    def watched(model: Model, task: Any, *further: Any, **named: Any) -> float:
        asked.append((model, task))
        return seconds(model, task, *further, **named)

    monkeypatch.setattr(trial, "seconds_per_item", watched)
    begun = study(tmp_path)
    contrast = strategy().model_copy(update={"contrast": Contrast(temperature=0.2)})
    plan = begun.plan.model_copy(update={"strategy": contrast})
    assert training_seconds(plan, begun.model, begun.task, begun.known, device="cpu") > 0
    ((model, task),) = asked
    assert isinstance(model.head, UnitLength)
    assert isinstance(task, SupervisedContrast)
    assert task.temperature == 0.2
    assert not isinstance(begun.model.head, UnitLength)
