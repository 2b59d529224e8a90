"""Boxes in COCO's json: one file and its pictures, the folders of COCO itself, and those that Roboflow exports."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from headstart.core.dataset import Dataset
from headstart.core.errors import DataError
from headstart.core.ledger import Event
from headstart.data.box_problems import refuse_with_boxes
from headstart.data.coco_file import CocoFile, looks_like_coco, read_coco
from headstart.data.file_names import printable
from headstart.data.folders import list_folder
from headstart.data.image_files import locate, report_missing
from headstart.data.labels import union
from headstart.data.parts import in_order, part_of, shared_parts
from headstart.data.reader import ReadOptions, local_path
from headstart.data.written_boxes import Drawn, boxes_dataset, shared_pictures, shortened

ROBOFLOW = "_annotations.coco.json"
HINT = "Correct the files, and load the data again."


class Coco:
    """`ROOT/annotations/instances_{train,val}*.json`, `ROOT/{train,valid,test}/_annotations.coco.json`, or one file."""

    name = "coco"
    layout = "ROOT/annotations/*.json or ROOT/{train,valid,test}/_annotations.coco.json in COCO's form (boxes)"

    def sniff(self, source: Any) -> str | None:
        """A json file that speaks of images, annotations or categories, or a folder with such files where due."""
        path = local_path(source)
        if path is None:
            return None
        if path.is_file():
            return f"{path.name} is in COCO's form" if looks_like_coco(path) else None
        found = files_in(path)
        return f"it holds {', '.join(_below(file, path) for file in found.values())}" if found else None

    def read(self, source: Any, options: ReadOptions) -> Dataset:
        """Read every file; pictures that are not there are in the ledger."""
        root = local_path(source)
        if root is None:
            raise DataError(f"{source} does not exist.")
        files = {"": root} if root.is_file() else files_in(root)
        if not files:
            raise DataError(f"{root} holds no json file in COCO's form.", hint=f"Expected {self.layout}.")
        base = root.parent if root.is_file() else root
        if root.is_file() and root.parent.name == "annotations":
            base = root.parent.parent
        problems = shared_parts([word for word in files if word]) + ([] if root.is_file() else _rivals(root))
        if problems:
            hint = "Move what is not meant elsewhere, or name the files with --train, --val and --test."
            raise DataError([f"{root}: {problem}" for problem in problems], hint=hint)
        found = _Found()
        pieces = _read_all(files, base, found)
        labels = union(piece.labels for piece in pieces.values())
        drawn: list[Drawn] = []
        for word, piece in pieces.items():
            try:
                drawn += _drawn(piece, word, files[word], base, labels, options, found.events)
            except DataError as error:
                found.add(error)
        found.problems += shortened(shared_pictures(drawn, within=False))
        hint = "\n".join(dict.fromkeys(filter(None, found.hints))) or HINT
        refuse_with_boxes(found.problems, base, drawn, hint=hint)
        return boxes_dataset(base, drawn, labels, found.events)


def files_in(root: Path) -> dict[str, Path]:
    """The files of a folder by the word for their part, empty for a single file that stands for everything."""
    return {word: files[-1] for word, files in _all_files_in(root).items()}


def _all_files_in(root: Path) -> dict[str, list[Path]]:
    """The same with every file that is called like the part, in the order of their names."""
    listing = list_folder(root)
    inside = {word: root / word / ROBOFLOW for word in listing.folders if part_of(word) is not None}
    exported = {word: file for word, file in inside.items() if looks_like_coco(file)}
    if exported:
        return {word: [exported[word]] for word in in_order(list(exported))}
    places = [root / name for name in listing.folders if name.casefold() in ("annotations", "labels")]
    for folder in (root, *places):
        files = [folder / name for name in list_folder(folder).files if looks_like_coco(folder / name)]
        instances = [file for file in files if file.stem.startswith("instances")]
        named: dict[str, list[Path]] = {}
        for file in instances or files:
            if word := word_of(file):
                named.setdefault(word, []).append(file)
        if named:
            return {word: named[word] for word in in_order(list(named))}
        if len(files) == 1:
            return {"": files}
    return {}


def _rivals(root: Path) -> list[str]:
    """What is wrong where several files are called like one part."""
    return [
        f"{' and '.join(file.name for file in files)} are all called {word}: which of them is meant?"
        for word, files in _all_files_in(root).items()
        if len(files) > 1
    ]


def word_of(file: Path) -> str:
    """The word for the part in a name such as `instances_train2017.json`; empty where there is none."""
    words = [re.sub(r"\d+$", "", word) for word in re.split(r"[^A-Za-z0-9]+", file.stem)]
    found = [word for word in words if word and part_of(word) is not None]
    return found[-1] if found else ""


@dataclass
class _Found:
    """What came up in all files."""

    events: list[Event] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)

    def add(self, error: DataError) -> None:
        self.problems += error.problems
        self.hints.append(error.hint)


def _read_all(files: dict[str, Path], base: Path, found: _Found) -> dict[str, CocoFile]:
    pieces: dict[str, CocoFile] = {}
    for word, file in files.items():
        try:
            piece = read_coco(file)
        except DataError as error:
            found.add(error)
            continue
        if piece is None:
            found.events.append(("skipped", "has no annotations", _below(file, base)))
        else:
            pieces[word] = piece
            found.events += piece.events
            found.problems += shortened([f"{_below(file, base)}: {problem}" for problem in piece.problems])
            found.hints += [HINT] if piece.problems else []
    return pieces


def _drawn(
    piece: CocoFile,
    word: str,
    file: Path,
    base: Path,
    labels: tuple[str, ...],
    options: ReadOptions,
    events: list[Event],
) -> list[Drawn]:
    import numpy as np

    place = _below(file, base)
    located = locate(piece.names, root=base, also=_folders(file, base, options), place=place)
    events += located.events
    events += report_missing(piece.names, located.found, root=base, place=place)
    places = np.array([labels.index(label) for label in piece.labels], np.int32)
    paths = located.paths.to_pylist()
    return [
        Drawn(path, word, boxes.renumbered(places))  # type: ignore[arg-type]
        for path, found, boxes in zip(paths, located.found, piece.boxes, strict=True)
        if found
    ]


def _folders(file: Path, base: Path, options: ReadOptions) -> list[Path]:
    """Where the pictures of a file may lie."""
    if options.image_folder is not None:
        return [Path(options.image_folder)]
    stem = file.stem.removeprefix("instances_")
    names = dict.fromkeys((stem, word_of(file), file.stem))
    inside = [folder / name for folder in (base, base / "images") for name in names if name]
    places = [file.parent, *inside, base / "images", base / "JPEGImages", file.parent / "images", file.parent.parent]
    return [folder for folder in dict.fromkeys(places) if folder.is_dir() and folder != base]


def _below(file: Path, root: Path) -> str:
    return printable(file.relative_to(root).as_posix())


READER = Coco()
