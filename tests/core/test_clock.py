"""What each phase of a run took."""

from __future__ import annotations

import pytest

from headstart.core import clock as clock_module
from headstart.core.clock import Clock


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time in seconds, to be moved by hand."""
    time = [100.0]
    monkeypatch.setattr(clock_module.time, "perf_counter", lambda: time[0])
    return time


def test_phases_add_up(now: list[float]) -> None:
    clock = Clock()
    for seconds in (2.0, 3.5):
        with clock.phase("train"):
            now[0] += seconds
        now[0] += 10  # between phases nobody counts
    with clock.phase("load"):
        now[0] += 1
    clock.add("train", 0.5)
    assert clock.seconds == {"train": 6.0, "load": 1.0}


def test_a_phase_inside_another_counts_for_both(now: list[float]) -> None:
    clock = Clock()
    with clock.phase("outer"):
        now[0] += 1
        with clock.phase("inner"):
            now[0] += 2
    assert clock.seconds == {"inner": 2.0, "outer": 3.0}


def test_clocks_share_nothing() -> None:
    one, other = Clock(), Clock()
    one.add("train", 1.0)
    assert other.seconds == {}


def test_what_goes_wrong_inside_comes_out(now: list[float]) -> None:
    with pytest.raises(RuntimeError, match="inside"), Clock().phase("train"):
        raise RuntimeError("inside")


def test_what_was_done_before_is_a_phase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock_module.time, "monotonic", lambda: 100.0)
    clock, begun = Clock.since(88.0)
    assert (clock.seconds, begun) == ({"read": 12.0}, 88.0)
    clock, begun = Clock.since(None)
    assert (clock.seconds, begun) == ({}, 100.0)
