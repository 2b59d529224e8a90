"""How long each phase of a run takes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Clock:
    """Seconds of each phase of a run."""

    seconds: dict[str, float] = field(default_factory=dict)

    @classmethod
    def since(cls, begun: float | None) -> tuple[Clock, float]:
        """A clock of a run that began at this time of the monotonic clock (None: now), and that time.

        What was done before, such as reading the data, is the phase `read`.
        """
        now = time.monotonic()
        return (cls(), now) if begun is None else (cls({"read": now - begun}), begun)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Add the time of the block to the phase."""
        started = time.perf_counter()
        yield
        self.add(name, time.perf_counter() - started)

    def add(self, name: str, seconds: float) -> None:
        """Add seconds to a phase, such as those of a process that was interrupted."""
        self.seconds[name] = self.seconds.get(name, 0.0) + seconds
