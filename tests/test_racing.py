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
from headstart.racing import LAPS, cost, race


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
        plan = SimpleNamespace(strategy=Strategy(method="lp-ft", steps=100, batch_size=10))
        candidate = SimpleNamespace(card=SimpleNamespace(id=name), plan=plan)
        right = (random.random(items) < 0.7).astype(float)
        found.append(SimpleNamespace(candidate=candidate, right=right, step_seconds=seconds))
    return found


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
    found = race(scored("abcd"), [0, 1, 2, 3], known(), seconds=1e6)
    assert found.standing().best == 0
    assert {(share, fold) for _, share, fold in trainings} == set(LAPS[:2])
    assert "separated" in found.reasons[-1].why


def test_there_is_no_more_training_than_there_is_time_for(trainings: list[tuple[str, float, int]]) -> None:
    models = scored("bcd", seconds=1.0)
    one = cost(models[0], 200, share=0.25, part=0.8)
    race(models, [0, 1, 2], known(), seconds=2.5 * one)
    assert len(trainings) == 2
    trainings.clear()
    found = race(models, [0, 1, 2], known(), seconds=1.5 * one)
    assert trainings == []
    assert "too few for another training" in found.reasons[-1].why


def test_what_fails_is_said_and_does_not_stop_the_others(trainings: list[tuple[str, float, int]]) -> None:
    found = race(scored("azb"), [0, 1, 2], known(), seconds=1e6)
    assert any(reason.value == "z" and "overflow" in reason.why for reason in found.reasons)
    assert found.standing().best == 0


def test_the_cost_is_that_of_the_steps() -> None:
    (model,) = scored("a", seconds=0.5)
    assert cost(model, 200) == 100 * 10 * 0.5
    assert cost(model, 200, share=0.25, part=0.8) == pytest.approx(0.2 * 100 * 10 * 0.5)
