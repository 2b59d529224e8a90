"""What the next steps of a training need, made by threads while the network computes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

from headstart.core.dataset import Indices

Made = TypeVar("Made")


def made_ahead(
    chunks: Sequence[Indices], make: Callable[[Indices], Made], *, threads: int
) -> Generator[tuple[Indices, Made]]:
    """Each chunk with what `make` makes of it, in order; one more than there are threads is on its way."""
    with ThreadPoolExecutor(threads, thread_name_prefix="headstart-feed") as pool:
        waiting: deque[tuple[Indices, Future[Made]]] = deque()
        rest = iter(chunks)
        try:
            while True:
                for chunk in islice(rest, threads + 1 - len(waiting)):
                    waiting.append((chunk, pool.submit(make, chunk)))
                if not waiting:
                    return
                chunk, future = waiting.popleft()
                yield chunk, future.result()
        finally:
            for _, future in waiting:
                future.cancel()
