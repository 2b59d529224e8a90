"""What is in the feature cache, and how to empty it: what `headstart cache` shows and does."""

from __future__ import annotations

import shutil
from fnmatch import fnmatchcase
from pathlib import Path

from headstart.core.errors import RunError
from headstart.core.record import Record
from headstart.features.eviction import cache_limit, segment_files
from headstart.features.key import FeatureKey
from headstart.features.segment import CHECK_BYTES, ENTRY, HEADER
from headstart.features.store import DESCRIPTION, features_folder


class CacheEntry(Record):
    """The cached features of one key: `items` counts the rows, `used` is the last use in seconds of the epoch."""

    folder: str
    key: FeatureKey
    items: int
    bytes: int
    used: float


class CacheDescription(Record):
    """The feature cache as a whole, last used first."""

    folder: str
    limit: int
    bytes: int
    entries: tuple[CacheEntry, ...]


def describe() -> CacheDescription:
    """What is in the feature cache."""
    folder = features_folder()
    entries = [entry for path in sorted(folder.glob("*")) if (entry := _entry(path)) is not None]
    entries.sort(key=lambda entry: -entry.used)
    total = sum(entry.bytes for entry in entries)
    return CacheDescription(folder=str(folder), limit=cache_limit(folder), bytes=total, entries=tuple(entries))


def clear(pattern: str = "*") -> int:
    """Delete the cached features of the models whose id matches a shell pattern, and return the bytes set free.

    `*` deletes everything, what is not readable included. Raises `RunError` where a file cannot be deleted.
    """
    folder = features_folder()
    freed = 0
    for path in sorted(folder.glob("*")):
        entry = _entry(path)
        if pattern == "*" or (entry is not None and fnmatchcase(entry.key.model, pattern)):
            freed += sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
            try:
                shutil.rmtree(path)
            except OSError as error:
                raise RunError(f"{path} could not be deleted: {error.strerror or error}.") from error
    return freed


def _entry(path: Path) -> CacheEntry | None:
    try:
        key = FeatureKey.read(path / DESCRIPTION)
    except RunError:  # not a key's folder, or made by another version: nobody can use it
        return None
    files = list(segment_files(path))
    overhead = HEADER.size + CHECK_BYTES
    items = sum((file.path.stat().st_size - overhead) // ENTRY.itemsize for file in files)
    used = max((file.used for file in files), default=(path / DESCRIPTION).stat().st_mtime)
    return CacheEntry(folder=path.name, key=key, items=items, bytes=sum(file.size for file in files), used=used)
