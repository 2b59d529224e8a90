"""Whether a server answers, found out within seconds and remembered for a minute."""

from __future__ import annotations

import threading
import time
import urllib.error
import urllib.request

SECONDS = 3.0
STAYS_TRUE = 60.0
_asked: dict[str, tuple[float, bool]] = {}


def answers(address: str, *, seconds: float = SECONDS) -> bool:
    """Whether there is a server at an address: asked at most once a minute, for at most `seconds`."""
    now = time.monotonic()
    before = _asked.get(address)
    if before is None or now - before[0] > STAYS_TRUE:
        before = _asked[address] = (now, _ask(address, seconds))
    return before[1]


def _ask(address: str, seconds: float) -> bool:
    """Ask from a thread, because looking up a name has no time limit of its own."""
    answered = threading.Event()
    finished = threading.Event()

    def ask() -> None:
        try:
            urllib.request.urlopen(urllib.request.Request(address, method="HEAD"), timeout=seconds).close()
        except urllib.error.HTTPError:
            answered.set()  # it refuses, but it is there
        except OSError:
            finished.set()
            return
        answered.set()
        finished.set()

    threading.Thread(target=ask, daemon=True).start()
    finished.wait(seconds)
    return answered.is_set()
