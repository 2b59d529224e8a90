"""Which threads compute on how many cores.

On a processor every compute thread runs whole batches on one core. That beats running one batch on all cores: nobody
waits at the end of a layer for the slowest, which also makes a busy machine merely slower instead of stalling it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from headstart.core.runtime import cores

# More threads than this would wait for each other in Python; beyond it each gets several cores.
MOST_WORKERS = 8


def workers_for(device: str) -> tuple[int, int]:
    """How many threads compute, and on how many cores each."""
    if device != "cpu":
        return 1, torch.get_num_threads()
    threads = max(min(cores(), torch.get_num_threads()), 1)
    workers = min(threads, MOST_WORKERS)
    return workers, threads // workers


@contextmanager
def cores_shared_out(device: str) -> Iterator[int]:
    """Give every thread its share of the cores, and yield the number of threads that they are for.

    Torch keeps the number of cores a thread uses for the whole process, so it is put back at the end.
    """
    before = torch.get_num_threads()
    workers, each = workers_for(device)
    torch.set_num_threads(each)
    try:
        yield workers
    finally:
        torch.set_num_threads(before)
