"""When a checkpoint is written: so seldom that it costs little, and whenever it is asked for."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from headstart.train.checkpoint import Stateful, write_checkpoint

SHARE = 0.05
"""The share of the time that writing may take."""
LEAST_SECONDS = 10.0
"""Within an epoch, checkpoints are never closer than this."""
USUAL_SECONDS = 0.05
"""What the first write is taken to last, until it has been measured."""


class Saver:
    """Writes the parts of a training into one file; without a path it writes nothing."""

    def __init__(self, path: Path | None, parts: Mapping[str, Stateful], *, belongs: Mapping[str, Any]) -> None:
        self.path, self.parts, self.belongs = path, parts, belongs
        self.cost = USUAL_SECONDS
        self.last = time.monotonic()

    def due(self, *, within_epoch: bool) -> bool:
        """Whether enough time has passed since the last write; between epochs only its cost counts."""
        least = LEAST_SECONDS if within_epoch else 0.0
        return self.path is not None and time.monotonic() - self.last >= max(least, self.cost / SHARE)

    def save(self) -> None:
        """Write now, and measure how long it takes. Raises `RunError` where that fails; the old file is then intact."""
        if self.path is None:
            return
        started = time.monotonic()
        write_checkpoint(self.path, self.parts, belongs=self.belongs)
        self.last = time.monotonic()
        self.cost = self.last - started
