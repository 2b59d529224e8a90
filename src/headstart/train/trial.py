"""How long a training's own steps take on this machine: some of them, done with a copy of the model."""

from __future__ import annotations

import copy
import time
from collections.abc import Generator, Sequence
from dataclasses import replace

import numpy as np

from headstart.core.console import hushed
from headstart.core.dataset import Indices
from headstart.core.strategy import Strategy
from headstart.tasks.task import Model, Task
from headstart.train.feed import Batch, Feed
from headstart.train.loop import TrainSettings, train

AT_ONCE, STEPS, EPOCHS = 16, 2, 3
"""So many items in each of so many steps, so many times: the first time pictures are decoded and networks warm up."""
STANDING = 1e-6
"""The rates are multiplied by this: what a few steps would break at full rate says nothing about time."""


def seconds_per_item(model: Model, task: Task, feed: Feed, strategy: Strategy, *, settings: TrainSettings) -> float:
    """Seconds of an item of a training step, all of it: changing pictures, the network, the loss, the optimiser.

    All layers that the strategy trains take part, also where they join later. The model and the caller's random
    numbers stay as they are.
    """
    batch = min(strategy.batch_size or AT_ONCE, AT_ONCE, len(feed))
    sample = _Sample(feed, batch * STEPS, seed=settings.seed)
    brief = strategy.model_copy(
        update={
            "batch_size": batch,
            "steps": None,
            "epochs": EPOCHS,
            "thaw": 0.0,
            "early_stopping": False,
            "soup": False,
            "rules": tuple(
                rule.model_copy(update={"learning_rate": rule.learning_rate and rule.learning_rate * STANDING})
                for rule in strategy.rules
            ),
        }
    )
    alone = replace(settings, folder=None, checkpoint=None, resume=False, max_seconds=None)
    with hushed():
        train(copy.deepcopy(model), task, sample, brief, settings=alone)
    return min(sample.seconds[-EPOCHS + 1 :]) / len(sample)


class _Sample:
    """Some items of a feed, and the seconds of every pass over them."""

    def __init__(self, feed: Feed, items: int, *, seed: int) -> None:
        order = np.random.Generator(np.random.PCG64(seed)).permutation(len(feed))
        self._feed, self._items = feed, np.sort(order[:items]).astype(np.int64)
        self.lengths = None if feed.lengths is None else feed.lengths[self._items]
        self.seconds: list[float] = []

    def __len__(self) -> int:
        return len(self._items)

    def batches(self, chunks: Sequence[Indices], *, epoch: int, device: str) -> Generator[Batch]:
        """Those of the feed; from the first being asked for to the last being done with is a pass."""
        started = time.perf_counter()
        try:
            yield from self._feed.batches([self._items[chunk] for chunk in chunks], epoch=epoch, device=device)
        finally:
            self.seconds.append(time.perf_counter() - started)
