"""A list of classes as a table with a header: names, and the numbers or colours that stand for them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from headstart.core.errors import DataError

DELIMITERS = (",", ";", "\t")
NAMES = ("name", "class", "label")
NUMBERS = ("index", "id", "pixel value", "value")
COLOURS = (("r", "g", "b"), ("red", "green", "blue"))
HINT = "A header such as `name,r,g,b` or `index,name`, and a class a line; columns may be separated by semicolons."

ClassRow = tuple[str, int | None, int | None]
"""A name, its number and its colour (red * 65536 + green * 256 + blue), as far as they are given."""


def table_rows(text: str, path: Path) -> list[ClassRow] | None:
    """The classes of a table; None where no header names a column of names. Raises `DataError` with all problems.

    A line that begins with `#` and has another number of columns than the header is a comment.
    """
    for delimiter in DELIMITERS:
        table = _cells(text, delimiter, path)
        start = next((row for row, cells in enumerate(table) if not cells[0].startswith("#")), len(table))
        header = [cell.casefold() for cell in table[start]] if start < len(table) else []
        if _first(NAMES, header) is not None:
            return _classes(header, table[start + 1 :], delimiter, path)
    return None


def refuse_columns(lines: Sequence[str], path: Path) -> None:
    """Raise `DataError` where lines that are to be names are rather rows of a table without a header."""
    for delimiter in DELIMITERS:
        if lines and all(delimiter in line for line in lines):
            raise DataError(f"{path} has no column that is called name: it begins with '{lines[0]}'.", hint=HINT)


def _cells(text: str, delimiter: str, path: Path) -> list[list[str]]:
    try:
        rows = list(csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise DataError(f"{path} is no table: {error}.", hint=HINT) from error
    return [cells for row in rows if any(cells := [cell.strip() for cell in row])]


def _first(titles: Sequence[str], header: Sequence[str]) -> int | None:
    return next((header.index(title) for title in titles if title in header), None)


def _classes(header: list[str], table: list[list[str]], delimiter: str, path: Path) -> list[ClassRow]:
    name, number = _first(NAMES, header), _first(NUMBERS, header)
    assert name is not None
    colour = next(([header.index(title) for title in titles] for titles in COLOURS if {*titles} <= {*header}), None)
    rows: list[ClassRow] = []
    problems: list[str] = []
    for cells in table:
        row = cells[: len(header)] if not any(cells[len(header) :]) else cells
        if cells[0].startswith("#") and (len(row) != len(header) or len(header) == 1):
            continue
        if len(row) != len(header):
            shown = delimiter.join(cells)
            problems.append(f"{path}: '{shown}' has {len(row)} columns, and the header has {len(header)}.")
            continue
        value, shade = None, None
        if number is not None:
            value = _whole(row[number])
            if value is None:
                problems.append(f"{path}: the number of '{row[name]}' is '{row[number]}': a whole number is due.")
        if colour is not None:
            shade = _colour([row[place] for place in colour])
            if shade is None:
                given = " ".join(row[place] for place in colour)
                problems.append(f"{path}: the colour of '{row[name]}' is '{given}': three numbers up to 255 are due.")
        rows.append((row[name], value, shade))
    if problems:
        raise DataError(problems, hint=HINT)
    return rows


def _whole(cell: str) -> int | None:
    return int(cell) if cell.isdecimal() and len(cell) <= 10 else None


def _colour(cells: Sequence[str]) -> int | None:
    parts = [part for part in map(_whole, cells) if part is not None and part <= 255]
    return parts[0] << 16 | parts[1] << 8 | parts[2] if len(parts) == 3 else None
