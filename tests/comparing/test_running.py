"""From a data set to a verdict: what is run, in which order, when it ends."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from headstart.comparing import running
from headstart.comparing.cells import Cell, Cells, Place
from headstart.comparing.running import compare
from headstart.comparing.schedule import Design
from headstart.core.card import ModelCard
from headstart.core.errors import DataError, OptionError
from headstart.core.verdict import ArmFacts, Verdict, VerdictOptions
from tests.comparing.verdicts import dataset, design_of

NONE = np.zeros(0, np.int64)
OPTIONS = VerdictOptions(model="m", budget=100.0)


class Killed(BaseException):
    """The process is gone."""


@pytest.fixture
def carried_out(monkeypatch: pytest.MonkeyPatch) -> list[Place]:
    """Every place that is carried out, each in a second; transfer is always right, the others every other time."""
    places: list[Place] = []

    def carry_out(_: Cells, place: Place, path: Path) -> Cell:
        places.append(place)
        scores = (1.0,) * 20 if place.arm == "transfer" else (1.0, 0.0) * 10
        facts = ArmFacts(model="m", method=place.arm, pretrained=True)
        cell = Cell(place=place, labels=round(40 * place.share), seconds=1.0, scores=scores, facts=facts)
        path.parent.mkdir(parents=True, exist_ok=True)
        cell.write(path)
        return cell

    monkeypatch.setattr(Cells, "_carry_out", carry_out)
    return places


@pytest.fixture
def designed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def use(**changes: object) -> None:
        def design(_: object, __: VerdictOptions, entries: tuple[object, ...]) -> Design:
            return design_of(entries).model_copy(update=changes)  # type: ignore[arg-type]

        monkeypatch.setattr(running, "design", design)
        monkeypatch.setattr(running, "card", lambda model: ModelCard(id=model, source="timm"))

    return use


def run(folder: Path, options: VerdictOptions = OPTIONS) -> Verdict:
    return compare(dataset(20), options, leaked=NONE, held_out="test", folder=folder)


def test_repeats_come_in_pairs_and_the_curve_comes_last(
    tmp_path: Path, carried_out: list[Place], designed: Callable[..., None]
) -> None:
    designed(repeats=3, shares=(0.25, 0.5))
    verdict = run(tmp_path)
    assert verdict.decision == "helps"
    assert [place.repeat for place in carried_out[:12]] == [0] * 4 + [1] * 4 + [2] * 4
    assert {place.share for place in carried_out[:12]} == {1.0}
    curve = [(place.repeat, place.share, place.arm) for place in carried_out[12:16]]
    assert curve == [(0, 0.25, "transfer"), (0, 0.25, "scratch"), (0, 0.5, "transfer"), (0, 0.5, "scratch")]
    assert all(place.budget == pytest.approx(1 + 9 * place.share) for place in carried_out)


def test_a_death_costs_one_cell_at_most(
    tmp_path: Path, carried_out: list[Place], designed: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    designed(repeats=3)
    expected = run(tmp_path / "whole")
    carried_out.clear()
    alive = Cells._carry_out

    def dying(cells: Cells, place: Place, path: Path) -> Cell:
        if len(carried_out) == 5:
            raise Killed
        return alive(cells, place, path)

    with monkeypatch.context() as patch:
        patch.setattr(Cells, "_carry_out", dying)
        with pytest.raises(Killed):
            run(tmp_path / "died")
    monkeypatch.setattr(running, "design", None)  # it is not made again
    assert run(tmp_path / "died") == expected
    assert len(carried_out) == 12


def test_no_more_repeats_are_begun_than_there_is_time_for(
    tmp_path: Path, carried_out: list[Place], designed: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    designed(repeats=8, shares=(0.5,))
    verdict = run(tmp_path, OPTIONS.model_copy(update={"budget": 20.5}))
    assert verdict.repeats == 5
    assert "the budget is used up: 5 of 8 repeats" in capsys.readouterr().err
    assert len([place for place in carried_out if place.share == 0.5]) == 2  # one repeat of the curve


@pytest.mark.parametrize(
    ("options", "items", "problem"),
    [
        (VerdictOptions(model="m", strategy="scratch"), 20, "starts from nothing"),
        (VerdictOptions(model="m", strategy="ful"), 20, "Did you mean 'full'"),
        (VerdictOptions(model="m"), 1, "There are 1 held-out items"),
    ],
)
def test_what_cannot_be_compared_is_said(tmp_path: Path, options: VerdictOptions, items: int, problem: str) -> None:
    with pytest.raises((OptionError, DataError), match=problem):
        compare(dataset(items), options, leaked=NONE, held_out="test", folder=tmp_path)
    assert not list(tmp_path.iterdir())


def test_auto_is_one_model_in_all_repeats_and_after_a_death(
    tmp_path: Path, carried_out: list[Place], designed: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    designed(repeats=3)
    run(tmp_path, OPTIONS.model_copy(update={"model": "auto"}))
    chosen = {entry.options.model for entry in Design.read(tmp_path / "design.json").entries}
    assert chosen == {"starter/tiny-resnet"}
    monkeypatch.setattr(running, "default_for", None)
    run(tmp_path, OPTIONS.model_copy(update={"model": "auto"}))
    assert len(carried_out) == 12
