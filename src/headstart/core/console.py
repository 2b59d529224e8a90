"""What a person sees while something runs. Everything goes to standard error: standard output belongs to results."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

_quiet = False


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


class _PlainProgress(Progress):
    """A line at the end, and one every ten seconds on the way: readable in a log file."""

    def __init__(self, total: int, description: str, unit: str) -> None:
        super().__init__(total)
        self.description, self.unit = description, unit
        self.started = self.last = time.monotonic()

    def advance(self, count: int = 1) -> None:
        super().advance(count)
        now = time.monotonic()
        if now - self.last >= 10 or self.done == self.total:
            self.last = now
            rate = self.done / max(now - self.started, 1e-9)
            remaining = (self.total - self.done) / max(rate, 1e-9)
            tail = f", {remaining:.0f} s left" if self.done < self.total else f", {now - self.started:.1f} s"
            say(f"{self.description}: {self.done}/{self.total} {self.unit}, {rate:.1f}/s{tail}")


class _BarProgress(Progress):
    def __init__(self, total: int, description: str, unit: str) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
        from rich.progress import Progress as RichProgress

        super().__init__(total)
        self.started = time.monotonic()
        self.bar = RichProgress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
        )
        self.unit = unit
        self.task = self.bar.add_task(description, total=total, rate="")

    def advance(self, count: int = 1) -> None:
        super().advance(count)
        rate = self.done / max(time.monotonic() - self.started, 1e-9)
        self.bar.update(self.task, completed=self.done, rate=f"{rate:.1f} {self.unit}/s")


@contextmanager
def progress(total: int, description: str, *, unit: str = "items") -> Iterator[Progress]:
    """A bar with rate and remaining time on a terminal, plain lines otherwise, nothing when quiet or total is 0."""
    if _quiet or total == 0:
        yield Progress(total)
    elif sys.stderr.isatty():
        bar = _BarProgress(total, description, unit)
        with bar.bar:
            yield bar
    else:
        yield _PlainProgress(total, description, unit)
