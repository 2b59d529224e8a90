"""Memory that is freed stays with the process while networks work, and goes back to the system afterwards.

The C library of Linux returns every large block to the system as soon as it is freed, and gets fresh pages for the
next: a training step frees gigabytes, so that each step has its pages handed out and cleared once more. With them kept,
a step of MobileNetV2 on a processor takes 0.5 to 0.7 of its time (`benchmarks/README.md`, "Kept memory").
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

# Of `malloc.h`.
TRIM_THRESHOLD, TOP_PAD, MMAP_THRESHOLD, MMAP_MAX = -1, -2, -3, -4
MEBIBYTE = 1024**2
KEEPING = ((MMAP_MAX, 0), (TRIM_THRESHOLD, -1), (TOP_PAD, 64 * MEBIBYTE))
"""No block is a mapping of its own, and nothing is given back from the end of the heap."""
USUAL = ((MMAP_MAX, 65536), (TRIM_THRESHOLD, 64 * MEBIBYTE), (TOP_PAD, 131072), (MMAP_THRESHOLD, 32 * MEBIBYTE))
"""Where glibc's own moving thresholds end once a block of 32 MiB was freed (it stops moving them when one is set)."""
SETTINGS = ("MALLOC_MMAP_MAX_", "MALLOC_TRIM_THRESHOLD_", "MALLOC_TOP_PAD_", "MALLOC_MMAP_THRESHOLD_")
"""Variables of the environment by which somebody has set these already."""

_lock = Lock()
_inside = 0


@contextmanager
def kept_memory() -> Iterator[None]:
    """Freed memory is kept for the next use; also a decorator. At the end of the outermost, what is free is given back.

    It holds for the whole process. Nothing happens where the C library is not glibc, and where the environment says
    already how memory is to be kept (`MALLOC_TRIM_THRESHOLD_` and its kin, or `GLIBC_TUNABLES`).
    """
    global _inside
    library = _glibc() if not _set_by_user() else None
    with _lock:
        _inside += 1
        if _inside == 1:
            _set(library, KEEPING)
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if _inside == 0:
                _set(library, USUAL)
                if library is not None:
                    library.malloc_trim(0)


def give_back() -> None:
    """Give memory that is free, and kept, back to the system, which then counts it as available."""
    library = _glibc()
    if library is not None:
        library.malloc_trim(0)


def _set(library: Any, settings: tuple[tuple[int, int], ...]) -> None:
    for parameter, value in settings if library is not None else ():
        library.mallopt(parameter, value)


def _set_by_user() -> bool:
    return any(name in os.environ for name in SETTINGS) or "glibc.malloc" in os.environ.get("GLIBC_TUNABLES", "")


def _glibc() -> Any:
    """The C library, or None where it is another."""
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "gnu_get_libc_version") and hasattr(library, "mallopt") else None
