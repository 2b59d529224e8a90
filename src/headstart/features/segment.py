"""One append-only file of feature rows with the index that says whose rows they are.

`NAME.rows` holds rows of D little-endian float32. `NAME.index` holds a header, one entry a row (the 16-byte hash of the
item's content and a checksum of hash and row) and a checksum of all of that. The index is replaced by renaming, so a
reader sees the rows that were there when it looked, and never half of an index.
"""

from __future__ import annotations

import os
import struct
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from xxhash import xxh3_64_intdigest

from headstart.core.errors import RunError
from headstart.core.files import write_atomically

Content = npt.NDArray[np.uint8]
Keys = npt.NDArray[np.bytes_]
Rows = npt.NDArray[np.float32]

MAGIC = b"HSFEAT01"
HEADER = struct.Struct("<8sII")
ENTRY = np.dtype([("content", "S16"), ("check", "<u8")])
CHECK_BYTES = 8


def content_keys(content: Content) -> Keys:
    """(N,) sortable keys of content hashes (N, 16)."""
    return np.ascontiguousarray(content, np.uint8).view("S16").reshape(len(content))


def row_checks(keys: Keys, rows: Rows) -> npt.NDArray[np.uint64]:
    """(N,) checksums of rows (N, D), each bound to the content whose row it is."""
    rows = np.ascontiguousarray(rows, "<f4")
    step = rows.shape[1] * rows.itemsize
    buffer = rows.data.cast("B") if len(rows) else memoryview(b"")
    seeds = np.ascontiguousarray(keys).view("<u8")[::2]
    checks = (
        xxh3_64_intdigest(buffer[start : start + step], seed=int(seed))
        for start, seed in zip(range(0, len(buffer), step), seeds, strict=True)
    )
    return np.fromiter(checks, np.uint64, len(keys))


@dataclass(frozen=True)
class Segment:
    """A published segment, open for reading. `rows` are memory-mapped; there may be fewer of them than entries."""

    path: Path
    entries: npt.NDArray[Any]
    rows: Rows

    def damaged(self, positions: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Those of the positions whose row is missing or is not what was written."""
        there = positions[positions < len(self.rows)]
        chunks = np.array_split(there, max(len(there) // 4096, 1))
        wrong = [
            chunk[row_checks(self.entries["content"][chunk], self.rows[chunk]) != self.entries["check"][chunk]]
            for chunk in chunks
        ]
        return np.concatenate([positions[positions >= len(self.rows)], *wrong])

    def bury(self, positions: npt.NDArray[np.int64]) -> Segment:
        """The segment without the entries at these positions, on disk, too."""
        entries = self.entries.copy()
        # Random bytes are the hash of nothing, so the row is nobody's from now on.
        entries["content"][positions] = [os.urandom(16) for _ in positions]
        _write_index(self.path, self.rows.shape[1], entries)
        return Segment(self.path, entries, self.rows)


def index_size(count: int) -> int:
    """Bytes of the index of so many rows."""
    return HEADER.size + count * ENTRY.itemsize + CHECK_BYTES


def read_segment(index: Path, width: int) -> Segment | None:
    """Open a segment by the path of its index; None where the index is not one, or is not for rows of this width."""
    data = index.read_bytes()
    if len(data) < index_size(0):
        return None
    magic, row_width, count = HEADER.unpack_from(data)
    check = int.from_bytes(data[-CHECK_BYTES:], "little")
    if (
        (magic, row_width) != (MAGIC, width)
        or len(data) != index_size(count)
        or check != xxh3_64_intdigest(data[:-CHECK_BYTES])
    ):
        return None
    entries = np.frombuffer(data, ENTRY, count, HEADER.size)
    return Segment(index, entries, _map_rows(index.with_suffix(".rows"), width, count))


class SegmentWriter:
    """Appends rows to a new segment that belongs to this writer alone.

    Raises `RunError` where the folder cannot be written.
    """

    def __init__(self, folder: Path, width: int) -> None:
        self.index = folder / f"{uuid.uuid4().hex}.index"
        self._width = width
        self._entries: list[npt.NDArray[Any]] = []
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = self.index.with_suffix(".rows").open("xb")
        except OSError as error:
            raise _unwritable(folder, error) from error

    def __len__(self) -> int:
        return sum(map(len, self._entries))

    def append(self, content: Content, rows: Rows) -> None:
        """Add rows (N, D) of items with content hashes (N, 16)."""
        if rows.shape != (len(content), self._width):
            raise ValueError(f"rows of shape {rows.shape} for {len(content)} items of width {self._width}")
        entries = np.empty(len(content), ENTRY)
        entries["content"] = content_keys(content)
        entries["check"] = row_checks(entries["content"], rows)
        try:
            self._file.write(np.ascontiguousarray(rows, "<f4").tobytes())
        except OSError as error:
            raise _unwritable(self.index.parent, error) from error
        self._entries.append(entries)

    def publish(self) -> None:
        """Let readers see everything that has been appended."""
        if not self._entries:
            return
        try:
            self._file.flush()
        except OSError as error:
            raise _unwritable(self.index.parent, error) from error
        self._entries = [np.concatenate(self._entries)]
        _write_index(self.index, self._width, self._entries[0])

    def close(self) -> None:
        """Publish what is there; a segment without rows leaves nothing behind."""
        self.publish()
        self._file.close()
        if not self._entries:
            self.index.with_suffix(".rows").unlink(missing_ok=True)


def remove_segment(index: Path) -> bool:
    """Delete a segment, its index first. False where the system does not let go of it (it is open elsewhere)."""
    try:
        index.unlink(missing_ok=True)
        index.with_suffix(".rows").unlink(missing_ok=True)
    except PermissionError:
        return False
    return True


def _map_rows(path: Path, width: int, count: int) -> Rows:
    step = width * 4
    size = path.stat().st_size if path.exists() else 0
    there = min(count, size // step)
    if not there:
        return np.empty((0, width), np.float32)
    return np.memmap(path, np.dtype("<f4"), "r", shape=(there, width))


def _write_index(path: Path, width: int, entries: npt.NDArray[Any]) -> None:
    data = HEADER.pack(MAGIC, width, len(entries)) + entries.tobytes()
    write_atomically(path, data + xxh3_64_intdigest(data).to_bytes(CHECK_BYTES, "little"))


def _unwritable(folder: Path, error: OSError) -> RunError:
    return RunError(
        f"The feature cache in {folder} cannot be written: {error.strerror or error}.",
        hint="HEADSTART_CACHE names another folder; `headstart cache clear` empties this one.",
    )
