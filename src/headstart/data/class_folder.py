"""Folders named by class, with pictures or texts inside; split into folders for training and testing or not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from headstart.core.dataset import Dataset, Part
from headstart.core.errors import DataError
from headstart.core.ledger import Event, Ledger
from headstart.core.modality import nouns
from headstart.data.columns import PathColumn, path_array
from headstart.data.file_names import is_picture, is_text, printable, under
from headstart.data.folders import NO_PICTURE, RUN, Listing, Wanted, list_folder, walk_pictures
from headstart.data.labels import natural_key
from headstart.data.parts import in_order, part_of, shared_parts
from headstart.data.reader import ReadOptions, local_path

NO_CLASS = "lies in no class folder"


@dataclass(frozen=True)
class _Class:
    """The items of one class in one part; `word` is the part's, empty where the data are not split."""

    word: str
    label: str
    paths: pa.Array


@dataclass(frozen=True)
class FileKind:
    """What lies in the class folders: files whose names are `wanted`, such as `*.jpg`; `otherwise` is said of others.

    Fewer than `least` folders with such files, where none is named like a part, are not taken for classes.
    """

    task: str
    modality: str
    wanted: Wanted
    example: str
    otherwise: str
    least: int = 1

    def listed(self, folder: Path, *, shown: str = "") -> Listing:
        """One folder, its wanted files as the pictures."""
        return list_folder(folder, shown=shown, wanted=self.wanted)

    def walk(self, root: Path, shown: str, *, events: list[Event]) -> Iterator[str]:
        """Wanted files in the folder and below."""
        return walk_pictures(
            root, shown, events=events, wanted=self.wanted, otherwise=self.otherwise, run_folders=False
        )


NO_TEXT_FILE = "no text: its name does not end in .txt"


class ClassFolder:
    """`ROOT/CLASS/**` or `ROOT/{train,val,test}/CLASS/**`."""

    def __init__(self, name: str, kind: FileKind) -> None:
        self.name, self.kind = name, kind
        self.layout = f"ROOT/CLASS/{kind.example}, or ROOT/{{train,val,test}}/CLASS/{kind.example}"

    def sniff(self, source: Any) -> str | None:
        """A folder with such a file somewhere in one of the folders inside it."""
        path = local_path(source)
        if path is None or not path.is_dir():
            return None
        folders = list_folder(path).folders
        holding = (name for name in folders if next(self.kind.walk(path, name, events=[]), None))
        found = list(islice(holding, self.kind.least))
        if not found or (len(found) < self.kind.least and part_of(found[0]) is None):
            return None
        return f"it holds folders with {nouns(self.kind.modality)} in them"

    def read(self, source: Any, options: ReadOptions) -> Dataset:
        """List all files; none is opened."""
        root, kind = local_path(source), self.kind
        if root is None or not root.is_dir():
            raise DataError(f"{source} is not a folder.", hint=f"Expected {self.layout}.")
        listing = kind.listed(root)
        events = listing.events + _left_over(listing, "", kind)
        words = [name for name in listing.folders if part_of(name) is not None]
        inside = {word: kind.listed(root / word, shown=word) for word in words}
        if any(piece.folders for piece in inside.values()):
            classes = _split_classes(root, listing, inside, kind, events)
        else:
            _check_unsplit(root, listing, words, kind, events)
            classes = _classes(root, "", listing.folders, kind, events)
        if not classes:
            ledger = Ledger.of(events)
            raise DataError([f"{root} holds no class folder with {nouns(kind.modality)}.", *map(str, ledger.lines)])
        _check_single(root, classes, options)
        return _dataset(root, classes, kind.task, events)


def _split_classes(
    root: Path, listing: Listing, inside: dict[str, Listing], kind: FileKind, events: list[Event]
) -> list[_Class]:
    problems = shared_parts([word for word, piece in inside.items() if piece.folders])
    if problems:
        raise DataError([f"{root}: {problem}" for problem in problems])
    others = [name for name in listing.folders if name not in inside]
    events += [("skipped", "a folder beside those of the split", printable(name)) for name in others]
    classes: list[_Class] = []
    for word in in_order(list(inside)):
        piece = inside[word]
        events += piece.events + _left_over(piece, word, kind)
        classes += _classes(root, word, piece.folders, kind, events)
    return classes


def _check_unsplit(root: Path, listing: Listing, words: list[str], kind: FileKind, events: list[Event]) -> None:
    """Folders named like parts that hold items directly: a mistake, or classes that happen to be called so."""
    if not words:
        return
    if len(words) == len(listing.folders):
        raise DataError(
            f"The {nouns(kind.modality)} in {', '.join(words)} of {root} lie in no class folder.",
            hint=f"Expected {root.name}/{words[0]}/CLASS/{kind.example}, or a table with their labels.",
        )
    reason = "is taken as a class: it has no class folders in it, and there are other classes beside it"
    events += [("noted", reason, word) for word in words]


def _classes(root: Path, word: str, folders: list[str], kind: FileKind, events: list[Event]) -> list[_Class]:
    classes = []
    for name in folders:
        shown = under(word, name)
        paths = path_array(list(kind.walk(root, shown, events=events)))
        if len(paths):
            classes.append(_Class(word, printable(name), paths))
        elif ("skipped", RUN, printable(shown)) not in events:
            events.append(("skipped", f"a class folder without {nouns(kind.modality)}", printable(shown)))
    return classes


def _left_over(listing: Listing, shown: str, kind: FileKind) -> list[Event]:
    """What lies where only folders are due."""
    events: list[Event] = [("skipped", NO_CLASS, printable(under(shown, name))) for name in listing.pictures]
    return events + [("skipped", kind.otherwise, printable(under(shown, name))) for name in listing.files]


def _check_single(root: Path, classes: list[_Class], options: ReadOptions) -> None:
    """One class with folders inside is most often the right data one level too high."""
    labels = {(one.word, one.label) for one in classes}
    if len(labels) > 1 or options.least_classes == 1:
        return
    inner = root / under(*next(iter(labels)))
    folders = list_folder(inner).folders
    if len(folders) > 1:
        raise DataError(
            f"{root} holds one class, '{inner.name}', with the folders {', '.join(folders[:5])} inside.",
            hint=f"Did you mean {inner}?",
        )


def _dataset(root: Path, classes: list[_Class], task: str, events: list[Event]) -> Dataset:
    labels = tuple(sorted({one.label for one in classes}, key=natural_key))
    place = {label: index for index, label in enumerate(labels)}
    lengths = [len(one.paths) for one in classes]
    arrays = [one.paths for one in classes]
    if len({array.type for array in arrays}) > 1:
        arrays = [array.cast(pa.large_binary()) for array in arrays]
    parts = [part_of(one.word) if one.word else Part.UNASSIGNED for one in classes]
    return Dataset(
        task=task,
        labels=labels,
        inputs=PathColumn(root, pa.concat_arrays(arrays)),
        targets=np.repeat(np.array([place[one.label] for one in classes], np.int32), lengths),
        parts=np.repeat(np.array(parts, np.int8), lengths),
        source=str(root),
        given_parts=tuple(dict.fromkeys(one.word for one in classes if one.word)),
        ledger=Ledger.of(events),
    )


READER = ClassFolder("class-folder", FileKind("image-classification", "image", is_picture, "*.jpg", NO_PICTURE))
TEXTS = ClassFolder("text-folder", FileKind("text-classification", "text", is_text, "*.txt", NO_TEXT_FILE, 2))
