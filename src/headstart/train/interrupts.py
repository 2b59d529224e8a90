"""Ctrl-C and the wish for a checkpoint, heeded between two steps, when the state of a training is whole."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, TypeVar

Value = TypeVar("Value")


class Interrupts:
    """What was asked for since the last step.

    Inside `caught` the first Ctrl-C only sets `interrupted`, and the second one interrupts at once as always; the
    signal SIGUSR1, where there is such a thing, sets `wanted`: a checkpoint is wished for. Python lets only the main
    thread do so, and handlers that somebody else has put there are left alone: everything is then as without us.
    """

    def __init__(self) -> None:
        self.interrupted = False
        self.wanted = False
        self._patient = True

    @contextmanager
    def caught(self) -> Iterator[None]:
        """Listen while the block runs, then restore what was there before."""
        before: dict[int, Any] = {}
        if threading.current_thread() is threading.main_thread():
            if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
                before[signal.SIGINT] = signal.signal(signal.SIGINT, self._interrupt)
            wish = getattr(signal, "SIGUSR1", None)
            if wish is not None and signal.getsignal(wish) is signal.SIG_DFL:
                before[wish] = signal.signal(wish, self._wish)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def unless_interrupted(self, work: Callable[[], Value]) -> Value | None:
        """The result of long work that changes nothing, or None where Ctrl-C ended it; then `interrupted` is set."""
        self._patient = False
        try:
            return None if self.interrupted else work()
        except KeyboardInterrupt:
            self.interrupted = True
            return None
        finally:
            self._patient = True

    def take_wish(self) -> bool:
        """Whether a checkpoint was wished for since this was last asked."""
        wanted, self.wanted = self.wanted, False
        return wanted

    def _interrupt(self, _signal: int, _frame: FrameType | None) -> None:
        if self.interrupted or not self._patient:
            raise KeyboardInterrupt
        self.interrupted = True

    def _wish(self, _signal: int, _frame: FrameType | None) -> None:
        self.wanted = True
