"""Boxes in the xml files of Pascal VOC: VOC's own folders, or pictures with an xml file beside each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from headstart.core.dataset import Dataset
from headstart.core.errors import DataError
from headstart.core.ledger import Event
from headstart.data.box_problems import refuse_with_boxes
from headstart.data.columns import path_array
from headstart.data.file_names import is_picture, printable, under
from headstart.data.folders import list_folder
from headstart.data.labels import natural_key
from headstart.data.parts import in_order, part_of, shared_parts
from headstart.data.reader import ReadOptions, local_path
from headstart.data.voc_file import VocFile, read_voc
from headstart.data.written_boxes import Drawn, boxes_dataset, refuse, shortened, written

ZERO_BASED = "a box starts at 0: edges are taken as 0 at the first pixel's outer edge, not as VOC's pixels from 1 on"
ONE_BASED = "edges are VOC's pixels from 1 on, the last one included"


class Pair(NamedTuple):
    """An xml file and its picture, relative to the root, and the word for their part."""

    xml: str
    picture: str
    word: str


class Voc:
    """`ROOT/{Annotations,JPEGImages,ImageSets/Main}`, or `*.jpg` with `*.xml` beside them, in parts or not."""

    name = "voc"
    layout = "ROOT/Annotations/*.xml with ROOT/JPEGImages/*.jpg, or ROOT[/{train,val,test}]/*.jpg and *.xml (boxes)"

    def sniff(self, source: Any) -> str | None:
        """A folder `Annotations` of xml files, or xml files beside pictures."""
        path = local_path(source)
        if path is None or not path.is_dir():
            return None
        root = _inner(path)
        if (root / "Annotations").is_dir():
            return "it holds Annotations" if _has_xml(root / "Annotations") else None
        words = [name for name in list_folder(root).folders if part_of(name) is not None]
        if any(_has_xml(root / word) for word in words) or _beside(root):
            return "it holds xml files beside pictures"
        return None

    def read(self, source: Any, options: ReadOptions) -> Dataset:
        """Read every xml file; no picture is opened."""
        del options
        path = local_path(source)
        if path is None or not path.is_dir():
            raise DataError(f"{source} is not a folder.", hint=f"Expected {self.layout}.")
        root = _inner(path)
        events: list[Event] = []
        pairs = list(_pairs_of_voc(root, events) if (root / "Annotations").is_dir() else _pairs_beside(root, events))
        problems: list[str] = []
        files = [read_voc(root / pair.xml, problems) for pair in pairs]
        labels = sorted({name for file in files for name in file.names}, key=natural_key)
        first = 0 if any(file.lowest < 1 for file in files) else 1
        if pairs:
            events.append(("noted", ZERO_BASED if first == 0 else ONE_BASED, printable(str(root))))
        drawn = [_drawn(pair, file, labels, first) for pair, file in zip(pairs, files, strict=True)]
        hint = "Correct the files, and load the data again."
        refuse_with_boxes(shortened(problems), root, drawn, hint=hint)
        return boxes_dataset(root, drawn, labels, events)


def _inner(path: Path) -> Path:
    """The folder itself, or the one in it that holds `Annotations`, as `VOCdevkit/VOC2007`."""
    if (path / "Annotations").is_dir():
        return path
    inside = [path / name for name in list_folder(path).folders if (path / name / "Annotations").is_dir()]
    if len(inside) == 1 and part_of(inside[0].name) is None:
        return inside[0]
    return path


def _has_xml(folder: Path) -> bool:
    return any(name.lower().endswith(".xml") for name in list_folder(folder).files)


def _beside(folder: Path) -> bool:
    listing = list_folder(folder)
    stems = {name.rpartition(".")[0] for name in listing.files if name.lower().endswith(".xml")}
    return any(name.rpartition(".")[0] in stems for name in listing.pictures)


def _pairs_of_voc(root: Path, events: list[Event]) -> Iterator[Pair]:
    folder = next((name for name in ("JPEGImages", "images", "Images") if (root / name).is_dir()), "JPEGImages")
    lists = _lists(root)
    words = {stem: word for word, stems in lists.items() for stem in stems}
    pictures = {name.rpartition(".")[0]: name for name in reversed(list_folder(root / folder).pictures)}
    files = list_folder(root / "Annotations").files
    there = {name.rpartition(".")[0]: name for name in files if name.lower().endswith(".xml")}
    for stem in sorted(there, key=natural_key):
        if lists and stem not in words:
            events.append(("skipped", "is in none of the lists of ImageSets/Main", f"Annotations/{there[stem]}"))
        elif stem not in pictures:
            events.append(("skipped", f"has no picture in {folder}", f"Annotations/{there[stem]}"))
        else:
            yield Pair(f"Annotations/{there[stem]}", under(folder, pictures[stem]), words.get(stem, ""))
    events += [("skipped", "has no xml file", under(folder, pictures[stem])) for stem in pictures if stem not in there]
    lost = {stem: word for stem, word in words.items() if stem not in there and stem not in pictures}
    events += [
        ("skipped", f"is in the list {word}.txt, but there is no such picture", stem) for stem, word in lost.items()
    ]


def _lists(root: Path) -> dict[str, list[str]]:
    """Names without suffix by part; `trainval` counts only where it is not listed in two."""
    folder = root / "ImageSets" / "Main"
    if not folder.is_dir():
        return {}
    names = {name.removesuffix(".txt"): folder / name for name in list_folder(folder).files if name.endswith(".txt")}
    words = [word for word in names if part_of(word) is not None]
    lists = {word: _stems(names[word]) for word in in_order(words)}
    if not any(part_of(word) == 0 for word in words) and "trainval" in names:
        lists["train"] = _stems(names["trainval"])
    problems = shared_parts(list(lists))
    seen: dict[str, str] = {}
    for word, stems in lists.items():
        problems += [f"{stem} is in the lists {seen[stem]} and {word}." for stem in stems if stem in seen]
        seen |= dict.fromkeys(stems, word)
    refuse([f"{folder}: {problem}" for problem in problems], hint="A picture belongs to one part only.")
    return lists


def _stems(file: Path) -> list[str]:
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{file} cannot be read: {error}.") from error
    names = [line.split()[0] for line in lines if line.strip()]
    return [name.rpartition(".")[0] if is_picture(name) else name for name in dict.fromkeys(names)]


def _pairs_beside(root: Path, events: list[Event]) -> Iterator[Pair]:
    words = [name for name in list_folder(root).folders if part_of(name) is not None and _has_xml(root / name)]
    problems = shared_parts(words)
    if problems:
        raise DataError([f"{root}: {problem}" for problem in problems])
    for word in in_order(words) or [""]:
        listing = list_folder(root / word if word else root)
        there = {name.rpartition(".")[0]: name for name in listing.files if name.lower().endswith(".xml")}
        pictures = {name.rpartition(".")[0]: name for name in listing.pictures}
        for stem, name in there.items():
            if stem in pictures:
                yield Pair(under(word, name), under(word, pictures[stem]), word)
            else:
                events.append(("skipped", "has no picture beside it", under(word, name)))
        lonely = [name for stem, name in pictures.items() if stem not in there]
        events += [("skipped", "has no xml file", under(word, name)) for name in lonely]


def _drawn(pair: Pair, file: VocFile, labels: list[str], first: int) -> Drawn:
    boxes = written(
        file.xyxy,
        [labels.index(name) for name in file.names],
        ignored=file.difficult,
        truncated=file.truncated,
        size=file.size,
    )
    in_order = boxes.xyxy[:, :2] <= boxes.xyxy[:, 2:]  # of corners that are swapped, the other one is the first
    shifted = boxes.xyxy - first * np.concatenate([in_order, ~in_order], axis=1)
    path = path_array([pair.picture])[0].as_py()
    return Drawn(path, pair.word, replace(boxes, xyxy=shifted.astype(np.float32)))


READER = Voc()
