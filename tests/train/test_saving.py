"""When a checkpoint is due."""

from __future__ import annotations

from pathlib import Path

import pytest

from headstart.core.errors import RunError
from headstart.train import saving
from headstart.train.saving import Saver


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(saving, "time", clock)
    return clock


def saver_that_takes(seconds: float, clock: Clock, path: Path, monkeypatch: pytest.MonkeyPatch) -> Saver:
    def write(*_: object, **__: object) -> None:
        clock.now += seconds

    monkeypatch.setattr(saving, "write_checkpoint", write)
    return Saver(path / "file", {}, belongs={})


@pytest.mark.parametrize("cost", [0.01, 1.0, 60.0])
def test_writing_takes_at_most_a_twentieth(
    cost: float, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saver = saver_that_takes(cost, clock, tmp_path, monkeypatch)
    saver.save()
    spent, started = 0.0, clock.now
    while clock.now < started + 10_000:
        clock.now += 0.7
        if saver.due(within_epoch=True):
            saver.save()
            spent += cost
    assert 0 < spent <= 0.05 * (clock.now - started)


def test_within_an_epoch_ten_seconds_pass_and_between_epochs_only_what_it_costs(
    clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saver = saver_that_takes(0.1, clock, tmp_path, monkeypatch)
    saver.save()
    clock.now += 2.1
    assert saver.due(within_epoch=False)
    assert not saver.due(within_epoch=True)
    clock.now += 8
    assert saver.due(within_epoch=True)


def test_a_training_of_a_moment_writes_nothing(clock: Clock, tmp_path: Path) -> None:
    saver = Saver(tmp_path / "file", {}, belongs={})
    clock.now += 0.5
    assert not saver.due(within_epoch=False)


def test_without_a_path_nothing_is_ever_due(clock: Clock) -> None:
    saver = Saver(None, {}, belongs={})
    clock.now += 1e6
    assert not saver.due(within_epoch=True)
    saver.save()


def test_a_failure_is_not_hidden(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match="could not be written"):
        Saver(tmp_path / "file" / "inside", {}, belongs={}).save()
