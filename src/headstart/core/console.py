"""What a person sees while something runs. Everything goes to standard error: standard output belongs to results."""

from __future__ import annotations

import sys
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_quiet = False


class _Running(threading.local):
    """What this thread counts and shows at the moment, the outermost first."""

    def __init__(self) -> None:
        self.shown: list[_Shown] = []


_running = _Running()


def set_quiet(quiet: bool) -> None:
    """Say nothing but errors from now on."""
    global _quiet
    _quiet = quiet


@contextmanager
def hushed() -> Iterator[None]:
    """Say nothing inside the block: for work that whoever called it sums up in a line."""
    global _quiet
    before, _quiet = _quiet, True
    try:
        yield
    finally:
        _quiet = before


def say(text: str) -> None:
    """One line to the person at the terminal, unless `--quiet`."""
    if not _quiet:
        print(text, file=sys.stderr, flush=True)


class Progress:
    """Counts what is done of a total; `advance` may be called from the thread that made it."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.done = 0

    def advance(self, count: int = 1) -> None:
        """Say that `count` more are done."""
        self.done += count


class _Shown(Progress, ABC):
    """Counts so that a person sees it."""

    @abstractmethod
    def inner(self, total: int, description: str, unit: str) -> _Shown:
        """What counts something within this, while this goes on."""

    @contextmanager
    def shown(self) -> Iterator[None]:
        """While it goes on."""
        yield


class _PlainProgress(_Shown):
    """A line every ten seconds and one at the end: readable in a log file.

    What is `brief` needs the one at the end only after others: it belongs to something that has lines of its own.
    """

    def __init__(self, total: int, description: str, unit: str, *, brief: bool = False) -> None:
        super().__init__(total)
        self.description, self.unit, self.brief = description, unit, brief
        self.started = self.last = time.monotonic()

    def advance(self, count: int = 1) -> None:
        super().advance(count)
        now = time.monotonic()
        ends = self.done == self.total and not self.brief
        if now - self.last >= 10 or ends:
            self.last, self.brief = now, False
            rate = self.done / max(now - self.started, 1e-9)
            remaining = (self.total - self.done) / max(rate, 1e-9)
            tail = f", {remaining:.0f} s left" if self.done < self.total else f", {now - self.started:.1f} s"
            say(f"{self.description}: {self.done}/{self.total} {self.unit}, {rate:.1f}/s{tail}")

    def inner(self, total: int, description: str, unit: str) -> _Shown:
        return _PlainProgress(total, description, unit, brief=True)


class _BarProgress(_Shown):
    """A bar; what is counted within it is a further row of the same display, gone when it is done."""

    def __init__(self, total: int, description: str, unit: str, *, within: _BarProgress | None = None) -> None:
        super().__init__(total)
        self.started = time.monotonic()
        self.outermost = within is None
        self.bars: Any = _bars() if within is None else within.bars
        self.unit = unit
        self.row = self.bars.add_task(description, total=total, rate="")

    def advance(self, count: int = 1) -> None:
        super().advance(count)
        rate = self.done / max(time.monotonic() - self.started, 1e-9)
        self.bars.update(self.row, completed=self.done, rate=f"{rate:.1f} {self.unit}/s")

    def inner(self, total: int, description: str, unit: str) -> _Shown:
        return _BarProgress(total, description, unit, within=self)

    @contextmanager
    def shown(self) -> Iterator[None]:
        if self.outermost:
            with self.bars:
                yield
            return
        try:
            yield
        finally:
            self.bars.remove_task(self.row)


def _bars() -> Any:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as RichProgress

    return RichProgress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )


@contextmanager
def progress(total: int, description: str, *, unit: str = "items") -> Iterator[Progress]:
    """A bar with rate and remaining time on a terminal, plain lines otherwise, nothing when quiet or total is 0.

    One inside another, in the same thread, adds a row to its display; in a log it says nothing unless it takes ten
    seconds.
    """
    if _quiet or total == 0:
        yield Progress(total)
        return
    found: _Shown
    if _running.shown:
        found = _running.shown[-1].inner(total, description, unit)
    elif sys.stderr.isatty():
        found = _BarProgress(total, description, unit)
    else:
        found = _PlainProgress(total, description, unit)
    _running.shown.append(found)
    try:
        with found.shown():
            yield found
    finally:
        if found in _running.shown:  # what is streamed may be ended by another thread
            _running.shown.remove(found)
