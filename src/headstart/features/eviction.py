"""A limit to the size of the feature cache: what has not been used for longest goes first."""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterator, Set
from pathlib import Path
from typing import NamedTuple

from headstart.core.errors import OptionError
from headstart.features.segment import remove_segment

VARIABLE = "HEADSTART_CACHE_SIZE"
LARGEST_DEFAULT = 20 * 10**9
SHARE_OF_DISK = 10
UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
ABANDONED_AFTER = 24 * 3600.0


class SegmentFile(NamedTuple):
    """A segment as the file system sees it; `used` is when it was last used, in seconds of the epoch."""

    path: Path
    size: int
    used: float


def cache_limit(folder: Path) -> int:
    """The bytes that cached features may take: `HEADSTART_CACHE_SIZE`, else 20 GB or a tenth of the disk.

    Raises `OptionError` where the variable is not a size.
    """
    given = os.environ.get(VARIABLE, "").strip()
    if not given:
        there = next(parent for parent in (folder, *folder.parents) if parent.exists())
        return min(LARGEST_DEFAULT, shutil.disk_usage(there).total // SHARE_OF_DISK)
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)\s*([KMGT]?)I?B?", given, re.IGNORECASE)
    if match is None:
        raise OptionError(f"{VARIABLE} is '{given}', which is not a size.", hint="Write it like 500MB, 20GB or 1.5TB.")
    return int(float(match[1]) * UNITS[match[2].upper()])


def make_room(folder: Path, need: int, *, limit: int, keep: Set[Path] = frozenset()) -> int:
    """Delete the least recently used segments until `need` more bytes fit under the limit.

    `folder` holds one folder a key. Segments whose index is in `keep` stay. Returns the bytes by which the limit will
    be exceeded all the same.
    """
    files = sorted(segment_files(folder), key=lambda file: file.used)
    total = sum(file.size for file in files) + need
    for file in files:
        if total <= limit:
            break
        if file.path not in keep and remove_segment(file.path):
            total -= file.size
    _sweep(folder)
    return max(total - limit, 0)


def segment_files(folder: Path) -> Iterator[SegmentFile]:
    """Every published segment below the folder of all features, or below that of one key."""
    for index in folder.rglob("*.index") if folder.is_dir() else ():
        try:
            status = index.stat()
            rows = index.with_suffix(".rows").stat().st_size
        except FileNotFoundError:  # deleted by another process since it was listed
            continue
        yield SegmentFile(index, status.st_size + rows, status.st_mtime)


def _sweep(folder: Path) -> None:
    """Delete what a crash left behind: rows that no index names, halves of atomic writes, keys without a segment."""
    for key in folder.iterdir() if folder.is_dir() else ():
        for path in key.iterdir() if key.is_dir() else ():
            unfinished = path.suffix == ".rows" and not path.with_suffix(".index").exists()
            if (unfinished or path.name.startswith(".")) and _old(path):
                path.unlink(missing_ok=True)
        if key.is_dir() and _old(key) and not any(path.name != "key.json" for path in key.iterdir()):
            shutil.rmtree(key, ignore_errors=True)


def _old(path: Path) -> bool:
    """Whether nobody has written it for a day: a younger one may belong to a process that is at work."""
    try:
        return time.time() - path.stat().st_mtime > ABANDONED_AFTER
    except FileNotFoundError:
        return False
