"""Ctrl-C is heeded between steps, the second one at once."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator

import pytest

from headstart.train.interrupts import Interrupts

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows cannot send itself the signals")


@pytest.fixture(autouse=True)
def as_at_a_terminal() -> Iterator[None]:
    """The tests may run where interrupts are ignored, as in the background of a shell."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_the_first_is_remembered_and_the_second_raised() -> None:
    interrupts = Interrupts()
    with interrupts.caught():
        signal.raise_signal(signal.SIGINT)
        assert interrupts.interrupted
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_long_work_that_changes_nothing_is_ended_at_once() -> None:
    interrupts = Interrupts()

    def work() -> int:
        signal.raise_signal(signal.SIGINT)
        raise AssertionError("not interrupted")

    with interrupts.caught():
        assert interrupts.unless_interrupted(lambda: 3) == 3
        assert interrupts.unless_interrupted(work) is None
        assert interrupts.interrupted
        assert interrupts.unless_interrupted(lambda: 3) is None


def test_a_checkpoint_can_be_wished_for() -> None:
    interrupts = Interrupts()
    with interrupts.caught():
        assert not interrupts.take_wish()
        signal.raise_signal(signal.SIGUSR1)
        assert interrupts.take_wish()
        assert not interrupts.take_wish()
    assert signal.getsignal(signal.SIGUSR1) is signal.SIG_DFL


def test_handlers_of_others_and_other_threads_are_left_alone() -> None:
    caught = []
    for number in (signal.SIGINT, signal.SIGUSR1):
        signal.signal(number, lambda *_: caught.append(1))
    try:
        with Interrupts().caught():
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGUSR1)
    finally:
        signal.signal(signal.SIGUSR1, signal.SIG_DFL)
    assert len(caught) == 2

    def elsewhere() -> None:
        with Interrupts().caught():
            caught.append(1)

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert len(caught) == 3
