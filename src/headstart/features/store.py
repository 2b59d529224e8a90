"""The rows of one backbone on disk, found by the content of the item that they belong to."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt

from headstart.core.errors import RunError
from headstart.core.files import write_atomically
from headstart.core.runtime import cache_folder
from headstart.features.key import FeatureKey
from headstart.features.segment import (
    Content,
    Keys,
    Rows,
    Segment,
    SegmentWriter,
    content_keys,
    index_size,
    read_segment,
    remove_segment,
)

DESCRIPTION = "key.json"
ROWS_PER_SEGMENT = 65536
SECONDS_BETWEEN_INDEXES = 10.0


def features_folder() -> Path:
    """The folder of all cached features."""
    return cache_folder() / "features"


@dataclass(frozen=True)
class Places:
    """Where the rows of N items are: the number of a segment (-1: nowhere) and the row in it."""

    segments: tuple[Segment, ...]
    segment: npt.NDArray[np.int32]
    row: npt.NDArray[np.int64]

    def missing(self) -> npt.NDArray[np.int64]:
        """The items that have no row."""
        return np.flatnonzero(self.segment < 0)


class FeatureStore:
    """The cached features of one key.

    What it has opened stays readable for as long as the store lives, even when another process deletes it. `unreadable`
    names the files that were removed because they were not what they should be.
    """

    def __init__(self, key: FeatureKey) -> None:
        self.key = key
        self.folder = features_folder() / key.folder_name()
        self.unreadable: list[str] = []
        self._segments: dict[Path, Segment] = {}

    def find(self, content: Content) -> Places:
        """Where the rows of items with content hashes (N, 16) are. Looks at the disk again each time."""
        self._refresh()
        keys, item_of = np.unique(content_keys(content), return_inverse=True)
        segment = np.full(len(keys), -1, np.int32)
        row = np.zeros(len(keys), np.int64)
        segments = tuple(self._segments.values())
        for number, candidate in enumerate(segments):
            position, found = _matches(candidate, keys)
            segment[position], row[position] = number, found
        return Places(segments, segment[item_of], row[item_of])

    def check(self, places: Places) -> npt.NDArray[np.int64]:
        """The items whose row is damaged. Their entries are removed, so that `find` no longer gives them."""
        damaged = [np.empty(0, np.int64)]
        for number, segment in enumerate(places.segments):
            items = np.flatnonzero(places.segment == number)
            if not len(items):
                continue
            _touch(segment.path)
            wrong = segment.damaged(np.unique(places.row[items]))
            if len(wrong):
                self._segments[segment.path] = segment.bury(wrong)
                damaged.append(items[np.isin(places.row[items], wrong)])
        return np.sort(np.concatenate(damaged))

    def writer(self) -> FeatureWriter:
        """A writer whose rows others see a few seconds later, and at the latest when it closes."""
        description = self.folder / DESCRIPTION
        if not description.exists():
            write_atomically(description, self.key.model_dump_json(indent=2).encode())
        return FeatureWriter(self.folder, self.key.width)

    def paths(self) -> set[Path]:
        """The index files that are in use."""
        return set(self._segments)

    def _refresh(self) -> None:
        listed = sorted(self.folder.glob("*.index")) if self.folder.is_dir() else []
        for path in listed:
            known = self._segments.get(path)
            if known is None or _grown(path, known):
                self._open(path)

    def _open(self, path: Path) -> None:
        try:
            segment = read_segment(path, self.key.width)
        except FileNotFoundError:  # deleted by another process since it was listed
            return
        except OSError as error:
            raise RunError(f"The feature cache in {self.folder} cannot be read: {error.strerror or error}.") from error
        if segment is None:
            self.unreadable.append(path.name)
            remove_segment(path)
        else:
            self._segments[path] = segment


class FeatureWriter:
    """Appends rows to segments of its own; use as a context."""

    def __init__(self, folder: Path, width: int) -> None:
        self._folder, self._width = folder, width
        self._segment: SegmentWriter | None = None
        self._published = time.monotonic()

    def append(self, content: Content, rows: Rows) -> None:
        """Add float32 rows (N, D) of items with content hashes (N, 16)."""
        if self._segment is None:
            self._segment = SegmentWriter(self._folder, self._width)
        self._segment.append(content, rows)
        if len(self._segment) >= ROWS_PER_SEGMENT:
            self._segment.close()
            self._segment = None
        elif time.monotonic() - self._published > SECONDS_BETWEEN_INDEXES:
            self._segment.publish()
            self._published = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._segment is not None:
            self._segment.close()


def _matches(segment: Segment, keys: Keys) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Which of the sorted keys the segment has, and in which of its rows."""
    if not len(keys):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    own = segment.entries["content"]
    position = np.searchsorted(keys, own).clip(max=len(keys) - 1)
    row = np.flatnonzero(keys[position] == own)
    return position[row], row


def _grown(path: Path, known: Segment) -> bool:
    """Whether the index has been replaced by a longer one since it was read."""
    try:
        return path.stat().st_size != index_size(len(known.entries))
    except FileNotFoundError:
        return False


def _touch(path: Path) -> None:
    """Remember when the segment was last used, for the eviction of those that nobody uses."""
    try:
        os.utime(path)
    except OSError:  # deleted by another process, or read-only: it cannot be evicted by us either
        return
