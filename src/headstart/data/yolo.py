"""Boxes in YOLO's text files, as a `data.yaml` with folders, lists and class names leads to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from headstart.core.dataset import Dataset, Part
from headstart.core.errors import DataError
from headstart.core.ledger import Event
from headstart.data.box_problems import refuse_with_boxes
from headstart.data.columns import path_array
from headstart.data.encoding import read_text
from headstart.data.file_names import is_picture, printable
from headstart.data.folders import list_folder, walk_pictures
from headstart.data.reader import ReadOptions, expanded, local_path
from headstart.data.written_boxes import Drawn, boxes_dataset, is_text, refuse, shared_pictures, shortened
from headstart.data.yolo_file import read_yolo
from headstart.data.yolo_labels import LabelFiles, is_file

PARTS = {"train": Part.TRAIN, "val": Part.VALIDATION, "valid": Part.VALIDATION, "test": Part.TEST}
NO_FILE = "no file of labels: a picture without objects"
OTHER_FILE = "no picture, and no file of labels is due here"


@dataclass(frozen=True)
class Description:
    """A `data.yaml`: class names in order, and by the word for each part the folders or lists of its pictures."""

    file: Path
    root: Path
    labels: tuple[str, ...]
    places: dict[str, list[str]]


class Yolo:
    """`data.yaml` with `names`, `train` and `val`; labels in `labels` beside `images`, or beside the pictures."""

    name = "yolo"
    layout = "ROOT/data.yaml with names, train and val; ROOT/**/images/*.jpg with ROOT/**/labels/*.txt (boxes)"

    def sniff(self, source: Any) -> str | None:
        """A yaml file, or a folder with one, that lists names and where to find train or val."""
        path = local_path(source)
        file = None if path is None else _yaml_in(path)
        return None if file is None else f"{file.name} lists classes and places of pictures"

    def read(self, source: Any, options: ReadOptions) -> Dataset:
        """Read the description and every file of labels; no picture is opened."""
        del options
        path = local_path(source)
        file = None if path is None else _yaml_in(path)
        if file is None:
            raise DataError(f"{source} has no data.yaml that lists names and train or val.")
        described = read_description(file)
        reading = _Reading(described, LabelFiles([described.root, described.file.parent.resolve()]))
        for word, places in described.places.items():
            for place in places:
                reading.read(word, place)
        reading.events += reading.labels.lonely(reading.pictures, described.root)
        problems = shortened(reading.problems) + shortened(shared_pictures(reading.drawn))
        hint = f"Correct the files, or {file.name}, and load the data again."
        refuse_with_boxes(problems, described.root, reading.drawn, hint=hint)
        return boxes_dataset(described.root, reading.drawn, described.labels, reading.events)


def _yaml_in(path: Path) -> Path | None:
    """The file that describes the data."""
    names = [path] if path.is_file() else [path / name for name in sorted(list_folder(path).files)]
    files = [name for name in names if name.suffix.lower() in (".yaml", ".yml") and _describes(name)]
    preferred = [file for file in files if file.stem in ("data", "dataset")]
    return next(iter(preferred or files), None)


def _describes(file: Path) -> bool:
    try:
        content = _load(file)
    except DataError:  # not the file that is looked for
        return False
    return isinstance(content, dict) and bool({"names", "nc"} & set(content)) and bool(PARTS.keys() & set(content))


def _load(file: Path) -> Any:
    import yaml

    try:
        return yaml.safe_load(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise DataError(f"{file} cannot be read: {error.strerror or error}.") from error
    except (ValueError, RecursionError, yaml.YAMLError) as error:  # not UTF-8, a date that is none, lists without end
        raise DataError(f"{file} is no YAML: {error}.") from error


def read_description(file: Path) -> Description:
    """Read a `data.yaml`. Raises `DataError` with all that is wrong with it."""
    content = _load(file)
    problems: list[str] = []
    labels = _labels(content, problems)
    base = local_path(file.parent / expanded(str(content.get("path") or ".")))
    root = base if base is not None and base.is_dir() else file.parent
    places: dict[str, list[str]] = {}
    for word in PARTS:
        given = content.get(word)
        if given:
            places[word] = [str(place) for place in given] if isinstance(given, list) else [str(given)]
            problems += [
                f"{word} is {place!r:.60}, and that is no path." for place in places[word] if not is_text(place)
            ]
    if "val" in places and "valid" in places:
        problems.append("val and valid both stand for the validation part: keep one of them.")
    refuse([f"{file.name}: {problem}" for problem in problems], hint="Correct the file, and load the data again.")
    return Description(file, root.resolve(), labels, places)


def _labels(content: dict[str, Any], problems: list[str]) -> tuple[str, ...]:
    """Names in the order of their numbers."""
    names = content.get("names")
    if isinstance(names, list):
        numbered = dict(enumerate(names))
    elif isinstance(names, dict):
        numbered = names
    else:
        problems.append("there are no `names` of classes.")
        return ()
    if sorted(numbered, key=str) != sorted(range(len(numbered)), key=str):
        problems.append(f"the numbers of `names` are not 0 to {len(numbered) - 1}: {', '.join(map(str, numbered))}.")
        return ()
    found = ["" if numbered[place] is None else str(numbered[place]) for place in range(len(numbered))]
    problems += [
        f"class {place} has no name that is text: {n!r:.60}." for place, n in enumerate(found) if not is_text(n)
    ]
    if content.get("nc") not in (None, len(found)):
        problems.append(f"`nc` says {content['nc']} classes, `names` has {len(found)}.")
    problems += [
        f"two classes are called '{name}'." for name in sorted({n for n in found if is_text(n) and found.count(n) > 1})
    ]
    return tuple(found)


@dataclass
class _Reading:
    """The places of a description, read one after the other."""

    described: Description
    labels: LabelFiles
    drawn: list[Drawn] = field(default_factory=list)
    pictures: list[Path] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def read(self, word: str, place: str) -> None:
        """Read one folder, or what one list names, for the part of this word."""
        found = _place(self.described, place, self.events)
        said = f"{self.described.file.name}: {word} is {place}"
        if found is None:
            self.problems.append(f"{said}, and that is not below {self.described.root}.")
        elif found.is_dir():
            self._add(word, self._inside(found))
        elif is_picture(found.name):
            self.problems.append(f"{said}, a picture: a folder of pictures, or a text file that lists them, is due.")
        else:
            try:
                self._add(word, _listed(self.described, found, self.events))
            except DataError as error:
                self.problems += [f"{said}: {problem}" for problem in error.problems]

    def _inside(self, folder: Path) -> list[Path]:
        events: list[Event] = []
        names = list(walk_pictures(folder, "", events=events, otherwise=OTHER_FILE))
        files = {name: self.labels.of(folder / name) for name in names}
        beside = {
            printable(file.relative_to(folder).as_posix())
            for name, file in files.items()
            if file.parent == (folder / name).parent
        }
        self.events += [event for event in events if event[1] != OTHER_FILE or event[2] not in beside]
        return [folder / name for name in names]

    def _add(self, word: str, pictures: Iterable[Path]) -> None:
        root = self.described.root
        for picture in pictures:
            self.pictures.append(picture)
            shown = picture.relative_to(root).as_posix() if picture.is_relative_to(root) else picture.as_posix()
            file = self.labels.of(picture)
            if not is_file(file):
                self.events.append(("noted", NO_FILE, printable(shown)))
            boxes = read_yolo(file, len(self.described.labels), self.events, self.problems)
            self.drawn.append(Drawn(path_array([shown])[0].as_py(), word, boxes))


def _place(described: Description, place: str, events: list[Event]) -> Path | None:
    """A place of the description: relative to its root or to the file, or as Roboflow writes it, one level too high."""
    named = expanded(place)
    for base in (described.root, described.file.parent):
        found = local_path(base / named)
        if found is not None:
            return found.resolve()
    below = Path(*[piece for piece in named.parts if piece not in ("..", ".")]) if not named.is_absolute() else named
    found = local_path(described.file.parent / below)
    if found is not None:
        events.append(("repaired", f"a place above {described.file.name} that is beside it", printable(place)))
        return found.resolve()
    return None


def _listed(described: Description, file: Path, events: list[Event]) -> list[Path]:
    """The pictures that a list names, in any encoding. Raises `DataError` for what is no text."""
    text, _ = read_text(file)
    found = []
    for line in text.splitlines():
        name = line.strip()
        if not name:
            continue
        candidates = [file.parent / name, described.root / name]
        there = next((path for path in candidates if is_picture(path.name) and is_file(path)), None)
        if there is None:
            events.append(("skipped", f"named in {file.name}, but there is no such picture", name))
        else:
            found.append(there.absolute())
    return found


READER = Yolo()
