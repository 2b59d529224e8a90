"""Decode and compute many pictures: threads that decode ahead, and threads that each run batches of their own."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from headstart.core.card import ModelInput
from headstart.core.dataset import Indices, InputColumn
from headstart.core.errors import DataError, HeadstartError
from headstart.core.runtime import cores
from headstart.features.fast import Forward
from headstart.features.key import View
from headstart.features.preparation import Preparation, preparation_of
from headstart.features.segment import Content, Rows
from headstart.features.threads import cores_shared_out


@dataclass(frozen=True)
class Work:
    """Which views of which items are wanted: `wanted` is bool (n, len(views)), a row for each of the `indices`.

    `content` (n, 16) holds the hashes that the items had when they were scanned.
    """

    inputs: InputColumn
    indices: Indices
    content: Content
    views: tuple[View, ...]
    wanted: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


@dataclass(frozen=True)
class Computed:
    """The features of one batch: for each view the items and their rows. `problems` name items that cannot be read."""

    items: int
    rows: tuple[tuple[Indices, Rows], ...]
    problems: tuple[str, ...]


def compute(work: Work, forward: Forward, *, facts: ModelInput, batch_size: int) -> Iterator[Computed]:
    """The features of all items, `batch_size` of them at a time and in order; within these, in the order they ran."""
    preparation = preparation_of(forward.network, facts)

    def decode(number: int) -> Any:
        raw = work.inputs.read(int(work.indices[number]))
        if preparation.content_hash(raw) != work.content[number].tobytes():
            # Its features would be kept, and found again, under the hash of another item.
            raise DataError("it has changed since the data were scanned")
        return preparation.prepare([raw])[0]

    def run(start: int, decoded: Sequence[Future[Any]]) -> Computed:
        numbers, items, problems = [], [], []
        for number, future in enumerate(decoded, start):
            try:
                items.append(future.result())
                numbers.append(number)
            except (HeadstartError, OSError) as error:
                problems.append(f"{work.inputs.name(int(work.indices[number]))}: {error}")
        if not items:
            return Computed(len(decoded), (), tuple(problems))
        rows = _rows(work, np.array(numbers), items, forward=forward, preparation=preparation)
        return Computed(len(decoded), rows, tuple(problems))

    with (
        ThreadPoolExecutor(cores(), "headstart-decode") as decoders,
        compute_threads(forward.device) as (pool, workers),
    ):
        waiting: deque[Future[Computed]] = deque()
        try:
            for start in range(0, len(work.indices), batch_size):
                numbers = range(start, min(start + batch_size, len(work.indices)))
                decoded = [decoders.submit(decode, number) for number in numbers]
                waiting.append(pool.submit(run, start, decoded))
                if len(waiting) > 2 * workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            decoders.shutdown(wait=False, cancel_futures=True)
            pool.shutdown(wait=False, cancel_futures=True)


@contextmanager
def compute_threads(device: str) -> Iterator[tuple[ThreadPoolExecutor, int]]:
    """Threads that each run whole batches on their share of the cores, and how many they are."""
    with cores_shared_out(device) as workers:
        # Set once more in every thread: the libraries below torch keep the number by thread.
        start = (torch.get_num_threads(),)
        with ThreadPoolExecutor(workers, "headstart-compute", torch.set_num_threads, start) as pool:
            yield pool, workers


def _rows(
    work: Work, numbers: Indices, items: Sequence[Any], *, forward: Forward, preparation: Preparation
) -> tuple[tuple[Indices, Rows], ...]:
    rows = []
    for column, view in enumerate(work.views):
        wanted = np.flatnonzero(work.wanted[numbers, column])
        features = np.empty((0, 0), np.float32)
        order = wanted
        if len(wanted):
            chosen = [items[int(place)] for place in wanted]
            batches = preparation.batches(chosen, device=forward.device)
            order = wanted[np.concatenate(batches)]
            features = np.concatenate([_features(chosen, batch, view, forward, preparation) for batch in batches])
        rows.append((work.indices[numbers[order]], features))
    return tuple(rows)


def _features(
    items: Sequence[Any], batch: Indices, view: View, forward: Forward, preparation: Preparation
) -> npt.NDArray[np.float32]:
    inputs = preparation.collate([items[int(place)] for place in batch], device=forward.device)
    found: npt.NDArray[np.float32] = forward(inputs.flip(-1) if view == "mirrored" else inputs).cpu().numpy()
    return found
