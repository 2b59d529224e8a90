"""Folders named by class, with pictures inside; split into folders for training and testing or not."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from headstart.core.dataset import Dataset, Part
from headstart.core.errors import DataError
from headstart.core.ledger import Event, Ledger
from headstart.data.columns import PathColumn, path_array
from headstart.data.file_names import printable, under
from headstart.data.folders import NO_PICTURE, Listing, list_folder, walk_pictures
from headstart.data.labels import natural_key
from headstart.data.parts import in_order, part_of, shared_parts
from headstart.data.reader import ReadOptions, local_path

NO_CLASS = "lies in no class folder"


@dataclass(frozen=True)
class _Class:
    """The pictures of one class in one part; `word` is the part's, empty where the data are not split."""

    word: str
    label: str
    paths: pa.Array


class ClassFolder:
    """`ROOT/CLASS/**` or `ROOT/{train,val,test}/CLASS/**`."""

    name = "class-folder"
    layout = "ROOT/CLASS/*.jpg, or ROOT/{train,val,test}/CLASS/*.jpg"

    def sniff(self, source: Any) -> str | None:
        """A folder with a picture somewhere in one of the folders inside it."""
        path = local_path(source)
        if path is None or not path.is_dir():
            return None
        folders = list_folder(path).folders
        if not any(next(walk_pictures(path, name, events=[]), None) for name in folders):
            return None
        return "it holds folders with pictures in them"

    def read(self, source: Any, options: ReadOptions) -> Dataset:
        """List all pictures; none is opened."""
        root = local_path(source)
        if root is None or not root.is_dir():
            raise DataError(f"{source} is not a folder.", hint=f"Expected {self.layout}.")
        listing = list_folder(root)
        events = listing.events + _left_over(listing, "")
        words = [name for name in listing.folders if part_of(name) is not None]
        inside = {word: list_folder(root / word, shown=word) for word in words}
        if any(piece.folders for piece in inside.values()):
            classes = _split_classes(root, listing, inside, events)
        else:
            _check_unsplit(root, listing, words, events)
            classes = _classes(root, "", listing.folders, events)
        if not classes:
            raise _nothing_in(root, events)
        _check_single(root, classes, options)
        return _dataset(root, classes, events)


def _split_classes(root: Path, listing: Listing, inside: dict[str, Listing], events: list[Event]) -> list[_Class]:
    problems = shared_parts([word for word, piece in inside.items() if piece.folders])
    if problems:
        raise DataError([f"{root}: {problem}" for problem in problems])
    others = [name for name in listing.folders if name not in inside]
    events += [("skipped", "a folder beside those of the split", printable(name)) for name in others]
    classes: list[_Class] = []
    for word in in_order(list(inside)):
        piece = inside[word]
        events += piece.events + _left_over(piece, word)
        classes += _classes(root, word, piece.folders, events)
    return classes


def _check_unsplit(root: Path, listing: Listing, words: list[str], events: list[Event]) -> None:
    """Folders named like parts that hold pictures directly: a mistake, or classes that happen to be called so."""
    if not words:
        return
    if len(words) == len(listing.folders):
        raise DataError(
            f"The pictures in {', '.join(words)} of {root} lie in no class folder.",
            hint=f"Expected {root.name}/{words[0]}/CLASS/*.jpg, or a table of pictures and labels.",
        )
    reason = "is taken as a class: it has no class folders in it, and there are other classes beside it"
    events += [("noted", reason, word) for word in words]


def _classes(root: Path, word: str, folders: list[str], events: list[Event]) -> list[_Class]:
    classes = []
    for name in folders:
        shown = under(word, name)
        paths = path_array(list(walk_pictures(root, shown, events=events)))
        if len(paths):
            classes.append(_Class(word, printable(name), paths))
        else:
            events.append(("skipped", "a class folder without pictures", printable(shown)))
    return classes


def _left_over(listing: Listing, shown: str) -> list[Event]:
    """What lies where only folders are due."""
    events: list[Event] = [("skipped", NO_CLASS, printable(under(shown, name))) for name in listing.pictures]
    return events + [("skipped", NO_PICTURE, printable(under(shown, name))) for name in listing.files]


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


def _nothing_in(root: Path, events: list[Event]) -> DataError:
    ledger = Ledger.of(events)
    return DataError([f"{root} holds no class folder with pictures.", *map(str, ledger.lines)])


def _dataset(root: Path, classes: list[_Class], events: list[Event]) -> Dataset:
    labels = tuple(sorted({one.label for one in classes}, key=natural_key))
    place = {label: index for index, label in enumerate(labels)}
    lengths = [len(one.paths) for one in classes]
    arrays = [one.paths for one in classes]
    if len({array.type for array in arrays}) > 1:
        arrays = [array.cast(pa.large_binary()) for array in arrays]
    parts = [part_of(one.word) if one.word else Part.UNASSIGNED for one in classes]
    return Dataset(
        task="image-classification",
        labels=labels,
        inputs=PathColumn(root, pa.concat_arrays(arrays)),
        targets=np.repeat(np.array([place[one.label] for one in classes], np.int32), lengths),
        parts=np.repeat(np.array(parts, np.int8), lengths),
        source=str(root),
        given_parts=tuple(dict.fromkeys(one.word for one in classes if one.word)),
        ledger=Ledger.of(events),
    )


READER = ClassFolder()
