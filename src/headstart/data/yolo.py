"""Boxes in YOLO's text files, as a `data.yaml` with folders, lists and class names leads to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headstart.core.dataset import Dataset, Part
from headstart.core.errors import DataError
from headstart.core.ledger import Event
from headstart.data.columns import path_array
from headstart.data.file_names import is_picture, printable
from headstart.data.folders import list_folder, walk_pictures
from headstart.data.reader import ReadOptions, local_path
from headstart.data.written_boxes import Drawn, boxes_dataset, refuse
from headstart.data.yolo_file import read_yolo

PARTS = {"train": Part.TRAIN, "val": Part.VALIDATION, "valid": Part.VALIDATION, "test": Part.TEST}
NO_FILE = "no file of labels: a picture without objects"


@dataclass(frozen=True)
class Description:
    """A `data.yaml`: class names in order, and by the word for each part the folders or lists of its pictures."""

    file: Path
    root: Path
    labels: tuple[str, ...]
    places: dict[str, list[str]]


class Yolo:
    """`data.yaml` with `names`, `train` and `val`; beside each folder `images` one called `labels`."""

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
        events: list[Event] = []
        problems: list[str] = []
        drawn = [
            _drawn(described, picture, word, events, problems)
            for word, places in described.places.items()
            for place in places
            for picture in _pictures(described, word, place, events, problems)
        ]
        problems += _shared(drawn)
        refuse(problems, hint=f"Correct the files, or {file.name}, and load the data again.")
        return boxes_dataset(described.root, drawn, described.labels, events)


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
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise DataError(f"{file} is no YAML: {error}.") from error


def read_description(file: Path) -> Description:
    """Read a `data.yaml`. Raises `DataError` with all that is wrong with it."""
    content = _load(file)
    problems: list[str] = []
    labels = _labels(content, problems)
    base = Path(str(content.get("path") or ".")).expanduser()
    root = base if base.is_absolute() else file.parent / base
    if not root.is_dir():
        root = file.parent
    places: dict[str, list[str]] = {}
    for word in PARTS:
        given = content.get(word)
        if given:
            places[word] = [str(place) for place in given] if isinstance(given, list) else [str(given)]
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
    found = [str(numbered[place]) for place in range(len(numbered))]
    if content.get("nc") not in (None, len(found)):
        problems.append(f"`nc` says {content['nc']} classes, `names` has {len(found)}.")
    problems += [f"two classes are called '{name}'." for name in sorted({n for n in found if found.count(n) > 1})]
    return tuple(found)


def _pictures(
    described: Description, word: str, place: str, events: list[Event], problems: list[str]
) -> Iterator[Path]:
    """Pictures of one folder or list."""
    found = _place(described, place, events)
    if found is None:
        problems.append(f"{described.file.name}: {word} is {place}, and that is not below {described.root}.")
    elif found.is_dir():
        for name in walk_pictures(found, "", events=events, otherwise="no picture, and no file of labels is due here"):
            yield found / name
    else:
        yield from _listed(described, found, events)


def _place(described: Description, place: str, events: list[Event]) -> Path | None:
    """A place of the description: relative to its root or to the file, or as Roboflow writes it, one level too high."""
    named = Path(place).expanduser()
    for base in (described.root, described.file.parent):
        if (base / named).exists():
            return (base / named).resolve()
    below = Path(*[piece for piece in named.parts if piece not in ("..", ".")]) if not named.is_absolute() else named
    if (described.file.parent / below).exists():
        events.append(("repaired", f"a place above {described.file.name} that is beside it", place))
        return (described.file.parent / below).resolve()
    return None


def _listed(described: Description, file: Path, events: list[Event]) -> Iterator[Path]:
    for line in file.read_text(encoding="utf-8-sig").splitlines():
        name = line.strip()
        if not name:
            continue
        candidates = [file.parent / name, described.root / name]
        there = next((path for path in candidates if path.is_file() and is_picture(path.name)), None)
        if there is None:
            events.append(("skipped", f"named in {file.name}, but there is no such picture", name))
        else:
            yield there.absolute()


def _labels_of(picture: Path) -> Path:
    """The file of labels: the last folder `images` of the path called `labels`, else a text file beside the picture."""
    pieces = list(picture.parts)
    for place in range(len(pieces) - 2, -1, -1):
        if pieces[place] == "images":
            pieces[place] = "labels"
            return Path(*pieces).with_suffix(".txt")
    return picture.with_suffix(".txt")


def _drawn(described: Description, picture: Path, word: str, events: list[Event], problems: list[str]) -> Drawn:
    root = described.root
    shown = picture.relative_to(root).as_posix() if picture.is_relative_to(root) else picture.as_posix()
    file = _labels_of(picture)
    if not file.is_file():
        events.append(("noted", NO_FILE, printable(shown)))
    boxes = read_yolo(file, len(described.labels), events, problems)
    return Drawn(path_array([shown])[0].as_py(), word, boxes)


def _shared(drawn: list[Drawn]) -> list[str]:
    words: dict[str | bytes, str] = {}
    problems = []
    for one in drawn:
        if one.path in words:
            also = words[one.path]
            where = f"in {also} and {one.word}" if also != one.word else f"twice in {one.word}"
            problems.append(f"{one.path!s} is {where}.")
        words[one.path] = one.word
    return problems


READER = Yolo()
