"""The list of classes beside masks: names in order, and the numbers or colours that stand for them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from headstart.core.errors import DataError
from headstart.data.encoding import read_text
from headstart.data.mask_class_table import ClassRow, refuse_columns, table_rows

FILES = (
    "classes.txt", "labelmap.txt", "class_dict.csv", "classes.csv", "label_colors.txt", "label_names.txt",
    "labels.txt", "class_names.txt", "classes.names", "classes.json", "_classes.csv",
)  # fmt: skip
"""Looked for in this order."""
LIST_HINT = "One class a line: `name`, `number name`, `name red green blue` or `name:red,green,blue`."
_NUMBERED = re.compile(r"^(\d+)\s*[:,;\t ]\s*(.+)$")
_COLOUR_LAST = re.compile(r"^(.+?)\s*[,;:\t ]\s*(\d{1,3})\s*[,; \t]\s*(\d{1,3})\s*[,; \t]\s*(\d{1,3})\s*(?::.*)?$")
_COLOUR_FIRST = re.compile(r"^(\d{1,3})\s*[,; \t]\s*(\d{1,3})\s*[,; \t]\s*(\d{1,3})\s*[,:;\t ]\s*(.+)$")
_HEADERS = ("name", "class", "label", "# label", "index", "pixel value")


@dataclass(frozen=True)
class ClassList:
    """Names in the order of the file `file`, for each the number of its pixels, and their colours if given.

    `numbered` is whether the file gives the numbers; otherwise they are those of its lines, from 0.
    """

    names: tuple[str, ...]
    values: tuple[int, ...]
    colours: tuple[int, ...] | None
    file: str
    numbered: bool = False


def find_classes(root: Path) -> ClassList | None:
    """The list in this folder; None where there is none. Raises `DataError` for one that is not understood."""
    path = next((root / name for name in FILES if (root / name).is_file()), None)
    return None if path is None else read_classes(path)


def read_classes(path: Path) -> ClassList:
    """Read a list of classes. Raises `DataError` with all problems."""
    text, _ = read_text(path)
    rows = _json_rows(text, path) if path.suffix.lower() == ".json" else _rows(text, path)
    if not rows:
        raise DataError(f"{path} names no class.", hint=LIST_HINT)
    return _checked(rows, path)


def _rows(text: str, path: Path) -> list[ClassRow]:
    table = table_rows(text, path) if path.suffix.lower() == ".csv" else None
    if table is not None:
        return table
    lines = [line.strip().lstrip("\ufeff") for line in text.splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    if lines and lines[0].split(",")[0].strip().casefold() in _HEADERS and "," in lines[0]:
        lines = lines[1:]
    colours = [_coloured(line) for line in lines]
    if lines and all(colours):
        return [colour for colour in colours if colour is not None]
    numbered = [_NUMBERED.match(line) for line in lines]
    if lines and all(numbered):
        return [(match[2].strip(), int(match[1]), None) for match in numbered if match is not None]
    if path.suffix.lower() == ".csv":
        refuse_columns(lines, path)
    return [(line.split(":")[0] if path.name == "labelmap.txt" else line, None, None) for line in lines]


def _coloured(line: str) -> ClassRow | None:
    if match := _COLOUR_LAST.match(line):
        name, *parts = match.groups()
    elif match := _COLOUR_FIRST.match(line):
        *parts, name = match.groups()
    else:
        return None
    red, green, blue = map(int, parts)
    return (name.strip(), None, red << 16 | green << 8 | blue) if max(red, green, blue) < 256 else None


def _json_rows(text: str, path: Path) -> list[ClassRow]:
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise DataError(f"{path} is not JSON: {error.msg}.") from error
    if isinstance(found, list) and all(isinstance(name, str) for name in found):
        return [(name, None, None) for name in found]
    pairs: list[tuple[int, str]] = []
    if isinstance(found, dict) and all(isinstance(value, int) for value in found.values()):
        pairs = [(value, str(name)) for name, value in found.items()]
    elif isinstance(found, dict) and all(key.isdecimal() and isinstance(value, str) for key, value in found.items()):
        pairs = [(int(key), value) for key, value in found.items()]
    if pairs:
        return [(name, number, None) for number, name in sorted(pairs)]
    raise DataError(f"{path} is neither a list of names nor an object of names and numbers.")


def _checked(rows: list[ClassRow], path: Path) -> ClassList:
    names = tuple(row[0] for row in rows)
    values = tuple(place if row[1] is None else row[1] for place, row in enumerate(rows))
    coloured = [row[2] for row in rows]
    colours = tuple(colour for colour in coloured if colour is not None) if None not in coloured else None
    problems = [
        f"{path} names '{name}' {names.count(name)} times." for name in dict.fromkeys(names) if names.count(name) > 1
    ]
    problems += [
        f"{path} gives the number {value} to several classes."
        for value in dict.fromkeys(values)
        if values.count(value) > 1
    ]
    for colour in dict.fromkeys(colours or ()):
        same = [name for name, own in zip(names, colours or (), strict=True) if own == colour]
        if len(same) > 1:
            shown = f"{colour >> 16} {colour >> 8 & 255} {colour & 255}"
            problems.append(f"{path} gives the colour {shown} to {' and '.join(map(repr, same))}.")
    problems += [
        f"{path} has an empty name in line {place + 1}." for place, name in enumerate(names) if not name.strip()
    ]
    if problems:
        raise DataError(problems, hint=LIST_HINT)
    return ClassList(names, values, colours, path.name, numbered=any(row[1] is not None for row in rows))
