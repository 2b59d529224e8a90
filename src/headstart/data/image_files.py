"""From the names of pictures in a table to the files that they stand for."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from headstart.core.errors import DataError
from headstart.core.ledger import Event
from headstart.data.columns import path_array
from headstart.data.file_names import is_picture

SHOWN = 10


@dataclass(frozen=True)
class Located:
    """For N rows: `paths` relative to the root or absolute (as written where there is no file), and `found` (N,)."""

    paths: pa.Array
    found: npt.NDArray[np.bool_]
    events: tuple[Event, ...] = ()


class _Folders:
    """The names in each folder, listed once: quicker than asking the disk for every file."""

    def __init__(self) -> None:
        self.names: dict[str, frozenset[str]] = {}
        self.folded: dict[str, frozenset[str]] = {}
        self.stems: dict[str, dict[str, str]] = {}

    def holds(self, folder: str, name: str) -> bool:
        """Whether the file is there; where only its case differs, the disk decides whether that is the same file."""
        if name in self._names(folder):
            return True
        if folder not in self.folded:
            self.folded[folder] = frozenset(map(str.casefold, self._names(folder)))
        return name.casefold() in self.folded[folder] and Path(folder, name).is_file()

    def completed(self, folder: str, stem: str) -> str | None:
        """The name of the picture with this stem."""
        if folder not in self.stems:
            pictures = sorted(filter(is_picture, self._names(folder)), reverse=True)
            self.stems[folder] = {name.rpartition(".")[0]: name for name in pictures}
        return self.stems[folder].get(stem)

    def _names(self, folder: str) -> frozenset[str]:
        if folder not in self.names:
            try:
                with os.scandir(folder) as entries:
                    self.names[folder] = frozenset(entry.name for entry in entries)
            except OSError:  # every file in it is then reported as missing
                self.names[folder] = frozenset()
        return self.names[folder]


def locate(names: Sequence[str | None], *, root: Path, also: Sequence[Path], place: str) -> Located:
    """Find each named file in `root` or else in one of the folders of `also`.

    Where a name has no suffix, a picture of that stem will do; backslashes are folders where they lead to a file.
    """
    folders = _Folders()
    bases = [("", root), *((_below(folder, root), folder) for folder in also)]
    found = np.zeros(len(names), np.bool_)
    paths: list[str] = []
    repaired: set[str] = set()
    for row, name in enumerate(names):
        hit = _search(name, bases, folders, repaired) if name else None
        found[row] = hit is not None
        paths.append(hit if hit is not None else name or "")
    return Located(path_array(paths), found, tuple(("repaired", how, place) for how in sorted(repaired)))


def report_missing(names: Sequence[str | None], found: npt.NDArray[np.bool_], *, root: Path, place: str) -> list[Event]:
    """Ledger events for rows whose file is missing. Raises `DataError` where that is at least half of them."""
    named = [(row, name) for row, name in enumerate(names) if name and not found[row]]
    web = sum(name.startswith(("http://", "https://")) for _, name in named)
    if named and len(named) * 2 >= len(names):
        shown = ", ".join(name for _, name in named[:SHOWN]) + (", ..." if len(named) > SHOWN else "")
        hint = f"Relative paths start at {root}; name another folder as the image folder."
        if web:
            hint = f"{web} of them are addresses on the web: download the pictures first and name the files."
        raise DataError(f"{len(named)} of the {len(names)} pictures named in {place} do not exist: {shown}", hint=hint)
    return [("skipped", f"named in {place}, but there is no such file", name) for _, name in named]


def _search(name: str, bases: list[tuple[str, Path]], folders: _Folders, repaired: set[str]) -> str | None:
    hit = _exact(name, bases, folders)
    if hit is None and "\\" in name:
        hit = _exact(name.replace("\\", "/"), bases, folders)
        if hit is not None:
            repaired.add("paths are written with backslashes")
    if hit is None and not is_picture(name):
        hit = _by_stem(name, bases, folders)
        if hit is not None:
            repaired.add("names are written without the pictures' suffix")
    return hit


def _split_path(base: Path, name: str) -> tuple[str, str]:
    before, _, last = name.rpartition("/")
    if _absolute(name):
        return f"{before}/", last
    return (f"{base}/{before}" if before else str(base)), last


def _exact(name: str, bases: list[tuple[str, Path]], folders: _Folders) -> str | None:
    for prefix, base in bases:
        folder, last = _split_path(base, name)
        if folders.holds(folder, last):
            return _joined(prefix, name)
    return None


def _by_stem(name: str, bases: list[tuple[str, Path]], folders: _Folders) -> str | None:
    for prefix, base in bases:
        folder, last = _split_path(base, name)
        completed = folders.completed(folder, last)
        if completed is not None:
            return _joined(prefix, name[: len(name) - len(last)] + completed)
    return None


def _joined(prefix: str, name: str) -> str:
    return name if not prefix or _absolute(name) else f"{prefix}/{name}"


def _absolute(name: str) -> bool:
    return name.startswith("/") or name[1:3] == ":/"


def _below(folder: Path, root: Path) -> str:
    return folder.relative_to(root).as_posix() if folder.is_relative_to(root) else folder.absolute().as_posix()
