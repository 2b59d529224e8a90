"""What a person sees while something runs."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator

import pytest

from headstart.core import console
from headstart.core.console import hushed, progress, say, set_quiet


@pytest.fixture(autouse=True)
def heard() -> Iterator[None]:
    yield
    set_quiet(False)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(console.time, "monotonic", lambda: now[0])
    return now


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_what_is_said_goes_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    say("hello")
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "hello\n")


def test_quiet_silences_words_and_progress(capsys: pytest.CaptureFixture[str]) -> None:
    set_quiet(True)
    say("hello")
    with progress(2, "Reading") as bar:
        bar.advance(2)
    assert bar.done == 2
    assert capsys.readouterr().err == ""


def test_a_log_gets_a_line_every_ten_seconds_and_one_at_the_end(
    capsys: pytest.CaptureFixture[str], clock: list[float]
) -> None:
    with progress(40, "Reading", unit="photos") as bar:
        for _ in range(4):
            clock[0] += 6
            bar.advance(10)
    assert capsys.readouterr().err.splitlines() == [
        "Reading: 20/40 photos, 1.7/s, 12 s left",
        "Reading: 40/40 photos, 1.7/s, 24.0 s",
    ]


def test_nothing_to_do_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with progress(0, "Reading"):
        pass
    assert capsys.readouterr().err == ""


def test_a_terminal_gets_a_bar_with_rate_and_remaining_time(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    with progress(3, "Reading", unit="photos") as bar:
        bar.advance(3)
    shown = terminal.getvalue()
    for expected in ("Reading", "3/3", "photos/s", "left"):
        assert expected in shown


def test_in_a_log_what_is_counted_within_is_said_only_where_it_takes_long(
    capsys: pytest.CaptureFixture[str], clock: list[float]
) -> None:
    with progress(2, "Training", unit="steps") as bar:
        for seconds in (1, 12):
            bar.advance()
            with progress(4, "predicting", unit="photos") as within:
                for _ in range(4):
                    clock[0] += seconds
                    within.advance()
    with progress(1, "predicting") as alone:
        clock[0] += 1
        alone.advance()
    assert capsys.readouterr().err.splitlines() == [
        "Training: 2/2 steps, 0.5/s, 4.0 s",
        "predicting: 1/4 photos, 0.1/s, 36 s left",
        "predicting: 2/4 photos, 0.1/s, 24 s left",
        "predicting: 3/4 photos, 0.1/s, 12 s left",
        "predicting: 4/4 photos, 0.1/s, 48.0 s",
        "predicting: 1/1 items, 1.0/s, 1.0 s",
    ]


def test_on_a_terminal_what_is_counted_within_is_a_row_that_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    with progress(2, "Training", unit="steps") as bar:
        for _ in range(2):
            bar.advance()
            with progress(4, "predicting", unit="photos") as within:
                within.advance(4)
                assert isinstance(bar, console._BarProgress)
                assert isinstance(within, console._BarProgress)
                assert within.bars is bar.bars
                assert len(bar.bars.tasks) == 2
            assert len(bar.bars.tasks) == 1
    assert "2/2" in terminal.getvalue()


@pytest.mark.parametrize("quiet", [False, True])
def test_a_hushed_block_leaves_the_setting_as_it_was(capsys: pytest.CaptureFixture[str], quiet: bool) -> None:
    set_quiet(quiet)
    with hushed():
        say("within")
    with pytest.raises(ValueError, match="inside"), hushed():
        raise ValueError("inside")
    say("after")
    assert capsys.readouterr().err == ("" if quiet else "after\n")
