"""Chunks made by threads: in order, not further ahead than said, and given up with the generator."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from headstart.core.dataset import Indices
from headstart.train.ahead import made_ahead

CHUNKS = [np.array([place], np.int64) for place in range(12)]


def test_chunks_come_in_order_whoever_is_first() -> None:
    def make(chunk: Indices) -> int:
        time.sleep(0.01 * (int(chunk[0]) % 3 == 0))
        return int(chunk[0])

    found = list(made_ahead(CHUNKS, make, threads=4))
    assert [made for _, made in found] == list(range(12))
    assert [int(chunk[0]) for chunk, _ in found] == list(range(12))


def test_no_more_is_made_than_the_threads_and_one() -> None:
    begun, lock = [], threading.Lock()

    def make(chunk: Indices) -> None:
        with lock:
            begun.append(int(chunk[0]))

    running = made_ahead(CHUNKS, make, threads=2)
    next(running)
    time.sleep(0.05)
    assert len(begun) <= 3
    running.close()
    assert len(begun) <= 3


def test_what_fails_is_raised_where_it_was_wanted() -> None:
    def make(chunk: Indices) -> int:
        if chunk[0] == 1:
            raise ValueError("broken")
        return 0

    running = made_ahead(CHUNKS, make, threads=1)
    assert next(running)[1] == 0
    with pytest.raises(ValueError, match="broken"):
        next(running)
