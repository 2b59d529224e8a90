"""Short trainings: who is trained, who goes on, and when it ends."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from headstart import racing
from headstart.core.dataset import Dataset, Part
from headstart.core.errors import ModelError
from headstart.core.strategy import Strategy
from headstart.data.columns import ArrayColumn
from headstart.racing import LAPS, Race, cost, race


def known(items: int = 200) -> Dataset:
    random = np.random.default_rng(0)
    return Dataset(
        task="image-classification",
        labels=("a", "b"),
        inputs=ArrayColumn(np.zeros((items, 2, 2, 3), np.uint8)),
        targets=(np.arange(items) % 2).astype(np.int32),
        parts=np.full(items, Part.TRAIN, np.int8),
        source="memory",
        content=random.integers(0, 256, (items, 16)).astype(np.uint8),
    )


def scored(names: str, *, seconds: float = 0.01, items: int = 200) -> list[Any]:
    """Candidates whose probes are equally good: each wrong on other items."""
    random = np.random.default_rng(1)
    found = []
    for name in names:
        plan = SimpleNamespace(strategy=Strategy(method="lp-ft", steps=400, batch_size=10))
        candidate = SimpleNamespace(card=SimpleNamespace(id=name), plan=plan)
        right = (random.random(items) < 0.7).astype(float)
        found.append(SimpleNamespace(candidate=candidate, right=right, step_seconds=seconds))
    return found


def raced(models: list[Any], *, ranks: list[float] | None = None, seconds: float = 1e6) -> Race:
    """All of them trained, of which the same is expected where no ranks are given."""
    places = list(range(len(models)))
    return race(models, places, known(), ranks=ranks or [1.0] * len(models), seconds=seconds)


@pytest.fixture
def trainings(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, float, int]]:
    """Trainings that are not done: `a` is always right, `z` fails, the others are right half of the time."""
    done: list[tuple[str, float, int]] = []

    def trial(running: Any, place: int, *, share: float, fold: int) -> np.ndarray:
        name = running.scored[place].candidate.card.id
        done.append((name, share, fold))
        if name == "z":
            raise ModelError("its weights overflow.")
        items = len(running.laps.items(fold))
        return np.ones(items) if name == "a" else (np.arange(items) % 2).astype(float)

    monkeypatch.setattr(racing, "_trial", trial)
    return done


def test_the_best_is_found_and_nothing_is_spent_after(trainings: list[tuple[str, float, int]]) -> None:
    found = raced(scored("abcd"))
    assert found.standing().best == 0
    assert {(share, fold) for _, share, fold in trainings} == set(LAPS[:3])
    assert "separated" in found.reasons[-1].why


def test_there_is_no_more_training_than_there_is_time_for(trainings: list[tuple[str, float, int]]) -> None:
    models = scored("bcd", seconds=1.0)
    one = cost(models[0], 200, share=0.25, part=0.5) + 100 / 3  # to train it, and to judge it
    raced(models, seconds=2.5 * one)
    assert len(trainings) == 2
    trainings.clear()
    found = raced(models, seconds=1.5 * one)
    assert trainings == []
    assert "too few for another training" in found.reasons[-1].why


def test_what_fails_is_said_and_does_not_stop_the_others(trainings: list[tuple[str, float, int]]) -> None:
    found = raced(scored("azb"))
    assert any(reason.value == "z" and "overflow" in reason.why for reason in found.reasons)
    assert found.standing().best == 0


def test_the_cost_is_that_of_the_steps() -> None:
    (model,) = scored("a", seconds=0.5)
    assert cost(model, 200) == 400 * 10 * 0.5
    assert cost(model, 200, share=0.25, part=0.8) == pytest.approx(0.2 * 400 * 10 * 0.5)


def test_a_short_recipe_is_not_cut_to_where_nothing_is_learnt(trainings: list[tuple[str, float, int]]) -> None:
    models = scored("bc")
    for model in models:
        model.candidate.plan.strategy = Strategy(method="lp-ft", steps=120, batch_size=10)
    raced(models)
    assert {share for _, share, _ in trainings} == {100 / 120, 1.0}


def test_where_nobody_is_trained_the_ranks_decide() -> None:
    found = raced(scored("bcd"), ranks=[2.0, 3.0, 1.0], seconds=0.0)
    assert found.standing().best == 2
    assert found.standing().means.argmin() == 1


def test_trainings_overrule_the_ranks(trainings: list[tuple[str, float, int]]) -> None:
    found = raced(scored("bca"), ranks=[1.0, 2.0, 3.0])
    assert found.standing().best == 2
    assert trainings
