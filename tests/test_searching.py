"""A search over settings on a small world: what wins is taken, and a run that was killed decides the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from headstart import searching
from headstart.alternatives import PLANNED
from headstart.choosing import Shown
from headstart.core.card import InputFacts
from headstart.core.strategy import Plan, Reason, SearchLap
from headstart.methods.method import Situation
from headstart.searching import search
from headstart.views.evidence import Probes, probe
from headstart.views.study import Study
from tests.views.studies import planned, world

LAPS = (SearchLap(share=0.5, fold=0, settings=4), SearchLap(share=1.0, fold=0, settings=2))
REASON = Reason(choice="fine-tuning", value="lp-ft", why="few items")


def begun(root: Path, *, budget: float = 500.0) -> tuple[Study, Probes, Shown]:
    plan = planned(root, budget=budget, search=LAPS).model_copy(update={"reasons": (REASON,)})
    study = Study.of(plan, world(root / "data"), None)
    card = study.model.backbone.card.model_copy(update={"input": InputFacts(size=(32, 32))})
    situation = Situation(items=len(study.known), classes=3, card=card)
    shown = Shown(
        situation=situation, rarest=5, score=0.5, mirrored=False, item_seconds=0.001, pass_seconds=0.0003, spent=1.0
    )
    return study, probe(study), shown


def told(plan: Plan) -> Reason:
    (found,) = (reason for reason in plan.reasons if reason.choice == "setting")
    return found


def rigged(monkeypatch: pytest.MonkeyPatch, gains: dict[str, float]) -> list[tuple[str, float, int]]:
    """Trainings that are not done: each setting scores what it is said to gain, with a little noise of items."""
    done: list[tuple[str, float, int]] = []

    def trial(found: object, place: int, *, share: float, fold: int, shown: Shown) -> np.ndarray:
        name = found.names[place]  # type: ignore[attr-defined]
        done.append((name, share, fold))
        found.right.setdefault(place, {})[f"{share:g}/{fold}"] = 0.5 + gains.get(name, 0.0)  # type: ignore[attr-defined]
        items = len(found.laps.items(fold))  # type: ignore[attr-defined]
        return np.asarray(-1 + gains.get(name, 0.0) + 0.02 * np.random.default_rng(place).normal(size=items))

    monkeypatch.setattr(searching, "_trial", trial)
    return done


def test_what_is_ahead_is_taken_and_the_plan_says_what_it_gained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = rigged(monkeypatch, {"twice the steps": 0.3, "a third of the rate": -0.3, "three times the rate": -0.3})
    found = search(*begun(tmp_path))
    assert told(found).value == "twice the steps"
    assert "ahead of the planned one by" in told(found).why
    assert found.combination is not None
    assert found.combination.setting == "twice the steps"
    assert found.strategy.steps == 8
    assert {name for name, _, _ in done} == {
        PLANNED, "a third of the rate", "three times the rate", "twice the steps",
    }  # fmt: skip
    assert [reason.choice for reason in found.reasons] == ["fine-tuning", "setting", "evidence"]


def test_where_nothing_is_ahead_the_plan_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    losers = ("a third of the rate", "three times the rate", "twice the steps")
    rigged(monkeypatch, dict.fromkeys(losers, -0.5))
    study, probes, shown = begun(tmp_path)
    found = search(study, probes, shown)
    assert told(found).value == PLANNED
    assert "none was ahead" in told(found).why
    assert found.strategy == study.plan.strategy


def test_nothing_is_spent_where_intervals_have_separated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    losers = ("a third of the rate", "three times the rate", "twice the steps")
    done = rigged(monkeypatch, dict.fromkeys(losers, -5.0))
    search(*begun(tmp_path))
    assert {share for _, share, _ in done} == {0.5}


def test_trainings_as_they_are(tmp_path: Path) -> None:
    """Two searches of the same plan decide the same, whatever the clock says."""
    (tmp_path / "one").mkdir()
    study, probes, shown = begun(tmp_path / "one")
    first = search(study, probes, shown)
    study.started -= 100
    second = search(study, probes, shown)
    assert first == second
    assert first.combination is not None
    assert first.combination.setting == told(first).value
