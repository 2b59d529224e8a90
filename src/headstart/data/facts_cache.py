"""Facts of files on disk, good for as long as path, size and time stamp stay: an unchanged file is not read again."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt
import PIL
from xxhash import xxh3_128_digest

from headstart.core.dataset import Stamp
from headstart.core.runtime import cache_folder
from headstart.data.facts import ROW

VERSION = 2
BUSY_SECONDS = 30.0
_TABLE = """
CREATE TABLE IF NOT EXISTS facts (
    path BLOB PRIMARY KEY, size INTEGER, modified INTEGER, row BLOB, kind TEXT, reason TEXT, reader TEXT
) WITHOUT ROWID
"""
_DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB")


def facts_file() -> Path:
    """Where the facts of this machine's files are kept."""
    return cache_folder() / f"facts-{VERSION}.sqlite"


class Fact(NamedTuple):
    """A row (1,) of `ROW`; or, where `kind` is not empty, the `PictureError` that the picture gave."""

    row: npt.NDArray[Any]
    kind: str = ""
    reason: str = ""


class FactsCache:
    """The cache of one machine; several processes may use it at once.

    It is never needed: a damaged one is moved aside and begun anew, and one that cannot be read or written is done
    without. `notes` says so, one sentence each.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or facts_file()
        self.notes: list[str] = []
        self._connection: sqlite3.Connection | None = None
        self._guarded(self._connect)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def find(self, stamps: Sequence[Stamp | None]) -> list[Fact | None]:
        """What is known of files with these stamps; None for those that are unknown or have changed."""
        found: dict[bytes, Fact] = {}
        known = {_key(stamp): stamp for stamp in stamps if stamp is not None}
        keys = list(known)
        for start in range(0, len(keys), 500):
            for key, size, modified, row, kind, reason in self._select(keys[start : start + 500]):
                if (size, modified) == known[key][1:] and len(row) == ROW.itemsize:
                    found[key] = Fact(np.frombuffer(row, ROW), kind, reason)
        return [None if stamp is None else found.get(_key(stamp)) for stamp in stamps]

    def add(self, facts: Iterable[tuple[Stamp, Fact]]) -> None:
        """Remember what was learnt of files, in place of what was known of them before."""
        values = [
            (_key(stamp), stamp.size, stamp.modified_ns, fact.row.tobytes(), fact.kind, fact.reason, PIL.__version__)
            for stamp, fact in facts
        ]
        if values:
            self._guarded(lambda: self._insert(values))

    def count(self) -> int:
        """Of how many files something is known."""
        found = [0]

        def count() -> None:
            if self._connection is not None:
                found[:] = self._connection.execute("SELECT count(*) FROM facts").fetchone()

        self._guarded(count)
        return found[0]

    def _select(self, keys: list[bytes]) -> list[tuple[bytes, int, int, bytes, str, str]]:
        # What one version of Pillow could not read, the next one may.
        query = (
            "SELECT path, size, modified, row, kind, reason FROM facts "
            f"WHERE path IN ({','.join('?' * len(keys))}) AND (kind = '' OR reader = ?)"
        )
        rows: list[tuple[bytes, int, int, bytes, str, str]] = []

        def select() -> None:
            if self._connection is not None:
                rows.extend(self._connection.execute(query, (*keys, PIL.__version__)))

        self._guarded(select)
        return rows

    def _insert(self, values: list[tuple[Any, ...]]) -> None:
        if self._connection is not None:
            with self._connection:
                self._connection.executemany("INSERT OR REPLACE INTO facts VALUES (?, ?, ?, ?, ?, ?, ?)", values)

    def _connect(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(self.path, timeout=BUSY_SECONDS)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.execute(_TABLE)

    def _guarded(self, step: Any) -> None:
        """Take a step; after damage, once more with a new cache; after any other failure, go on without one."""
        try:
            step()
        except (sqlite3.Error, OSError) as error:
            if getattr(error, "sqlite_errorname", "").startswith(_DAMAGED):
                self._begin_anew(step)
            else:
                self._do_without(error)

    def _begin_anew(self, step: Any) -> None:
        self.__exit__(None, None, None)
        try:
            aside = self.path.with_name(f"{self.path.name}.damaged-{time.time_ns()}")
            self.path.rename(aside)
            for suffix in ("-wal", "-shm"):
                self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
            self._connect()
            if step != self._connect:
                step()
        except (sqlite3.Error, OSError) as error:
            self._do_without(error)
        else:
            self.notes.append(
                f"the cache of facts about files was damaged: it was moved to {aside.name} and begun anew"
            )

    def _do_without(self, error: Exception) -> None:
        self.__exit__(None, None, None)
        self.notes.append(f"the cache of facts about files cannot be used: {error}")


def _key(stamp: Stamp) -> bytes:
    return xxh3_128_digest(stamp.path.encode("utf-8", "surrogatepass"))
