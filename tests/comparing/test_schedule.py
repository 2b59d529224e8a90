"""How a budget is shared out."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.comparing import schedule
from headstart.comparing.running import entries_of
from headstart.comparing.schedule import Design, cost, design, seconds_of_a_repeat
from headstart.comparing.speed import Pace
from headstart.core.verdict import VerdictOptions
from tests.comparing.verdicts import dataset

NEEDS = st.lists(st.one_of(st.floats(0.1, 1e3), st.just(math.inf)), min_size=1, max_size=6)


@given(NEEDS, st.floats(1, 1e4), st.integers(2, 10), st.floats(0, 5))
def test_the_budget_is_used_up_and_not_exceeded(needs: list[float], budget: float, repeats: int, curve: float) -> None:
    seconds = seconds_of_a_repeat(needs, budget=budget, repeats=repeats, curve=curve)
    used = cost(needs, seconds, repeats=repeats, curve=curve)
    assert used <= budget * (1 + 1e-6)
    assert used == pytest.approx(budget, rel=1e-6) or seconds >= max(needs)


def test_what_an_arm_does_not_need_goes_to_the_others() -> None:
    assert seconds_of_a_repeat([math.inf] * 2, budget=100, repeats=5) == pytest.approx(10)
    assert seconds_of_a_repeat([math.inf, 1.0], budget=100, repeats=5) == pytest.approx(19)


def designed(
    monkeypatch: pytest.MonkeyPatch, budget: float, *, train: int = 320, overhead: float = 1.0, **options: object
) -> Design:
    """The design where training from scratch takes 8 seconds by itself."""
    pace = Pace(item=0.001, load=0.1, overhead=overhead, scratch=8.0)
    monkeypatch.setattr(schedule, "measure", lambda *_: pace)
    asked = VerdictOptions(model="m", budget=budget, **options)  # type: ignore[arg-type]
    return design(dataset(40, train=train), asked, entries_of(asked))


def test_with_time_enough_there_are_five_repeats_and_a_curve(monkeypatch: pytest.MonkeyPatch) -> None:
    found = designed(monkeypatch, 1000)
    assert (found.repeats, found.shares, found.notes) == (5, (1 / 8, 1 / 4, 1 / 2), ())
    assert found.seconds > (1 + 8) / 0.9
    curve = 2 * sum(found.seconds_for(share) for share in found.shares)
    assert 5 * (3 * found.seconds + 1) + curve <= 1000 * (1 + 1e-6)


def test_less_time_takes_the_curve_first_and_then_repeats(monkeypatch: pytest.MonkeyPatch) -> None:
    enough = 1 + 0.25 * 8
    five = 5 * (3 * enough + 1)
    without = designed(monkeypatch, five + 1)
    assert (without.repeats, without.shares) == (5, ())
    assert "no room" in without.notes[0]
    fewer = designed(monkeypatch, five - 1)
    assert fewer.repeats == 4
    assert f"about {five:.0f} s would do for five" in fewer.notes[-1]
    assert designed(monkeypatch, 1).repeats == 3


def test_what_was_asked_for_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    assert designed(monkeypatch, 10, repeats=7).repeats == 7
    assert designed(monkeypatch, 30, curve=True).shares
    found = designed(monkeypatch, 1000, curve=False)
    assert (found.shares, found.notes) == ((), ())


def test_few_labels_get_the_points_that_there_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    assert designed(monkeypatch, 1000, train=40).shares == (1 / 4, 1 / 2)  # ten of each class
    assert designed(monkeypatch, 1000, train=20).shares == (2 / 5, 3 / 5)
    none = designed(monkeypatch, 1000, train=12)
    assert none.shares == ()
    assert "rarest class has 3" in none.notes[0]


def test_the_budget_for_all_steps_of_scratch_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    found = designed(monkeypatch, 60, curve=False)
    again = designed(monkeypatch, found.own_budget, curve=False)
    assert again.repeats == 5
    assert again.seconds == pytest.approx((1 + 8) / 0.9)


def test_fewer_labels_get_as_many_passes() -> None:
    pace = Pace(item=0.001, load=0.1, overhead=2.0, scratch=8.0)
    entries = entries_of(VerdictOptions(model="m"))
    found = Design(entries=entries, pace=pace, repeats=5, seconds=10.0, own_budget=1.0)
    assert found.seconds_for(0.5) == pytest.approx(2 + 8 / 2)
    assert found.seconds_for(1.0) == pytest.approx(10)


def test_several_labels_an_item_are_counted_by_label() -> None:
    targets = np.zeros((360, 4), np.uint8)
    targets[:, 0] = 1
    targets[:8, 1] = 1
    shares, why = schedule._shares(replace(dataset(40, train=320), targets=targets))
    assert (shares, why) == ((1 / 4, 1 / 2), "")
