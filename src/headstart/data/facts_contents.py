"""How much is known of files on this machine, and forgetting it: what `headstart cache` shows and does."""

from __future__ import annotations

from pathlib import Path

from headstart.core.errors import RunError
from headstart.core.record import Record
from headstart.data.facts_cache import FactsCache, facts_file


class FactsDescription(Record):
    """The cache of facts: `files` counts those of which something is known.

    `bytes` are those of the cache and of what was left of damaged and older ones. `notes` say what was wrong with it.
    """

    file: str
    files: int
    bytes: int
    notes: tuple[str, ...] = ()


def describe_facts() -> FactsDescription:
    """What is in the cache of facts."""
    file = facts_file()
    files, notes = 0, list[str]()
    if file.exists():
        with FactsCache(file) as cache:
            files, notes = cache.count(), cache.notes
    size = sum(path.stat().st_size for path in _all())
    return FactsDescription(file=str(file), files=files, bytes=size, notes=tuple(notes))


def clear_facts() -> int:
    """Delete the facts, what is left of damaged and older caches included, and return the bytes set free.

    Every file is then read again the next time it is met. Raises `RunError` where a file cannot be deleted.
    """
    freed = 0
    for path in _all():
        freed += path.stat().st_size
        try:
            path.unlink()
        except OSError as error:
            raise RunError(f"{path} could not be deleted: {error.strerror or error}.") from error
    return freed


def _all() -> list[Path]:
    """The database, before what SQLite keeps beside it while it is open."""
    return sorted(facts_file().parent.glob("facts-*.sqlite*"))
