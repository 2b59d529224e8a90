"""Whether the quotes in a table are marks around its cells, or characters of the texts in them."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from headstart.core.errors import DataError

AS_CHARACTERS = "quotes are read as characters: as marks around cells they do not fit"
HINT = "Within a quoted cell, write each quote twice; or save the table anew with the program that it came from."
SHOWN = 3
LONGEST = 2**31 - 1
"""The most characters that a cell can be allowed on every system."""
NEVER_CLOSED = "unexpected end of data"


def quotes_are_marks(content: bytes, names: Sequence[str], *, delimiter: str, place: str) -> bool:
    """Whether the quotes in a table, whose bytes are UTF-8 and whose first line has the `names`, are marks.

    They are where each one fits as a mark. Where some do not, or where tabs cut every line into the right number of
    cells and marks would join such lines, they are characters. Raises `DataError` with the first rows that do not fit
    where lines have other numbers of cells without marks.
    """
    if b'"' not in content:
        return True
    content = content.removeprefix(codecs.BOM_UTF8)
    with io.TextIOWrapper(io.BytesIO(content), "utf-8", newline="") as lines, _cells_of_any_length(len(content)):
        misfits, joins = _read_strictly(lines, delimiter=delimiter, place=place)
    if not misfits and not (joins and delimiter == "\t"):
        return True
    obstacle = _obstacle_to_characters(content, names, delimiter=delimiter)
    if obstacle and misfits:
        raise DataError(misfits, hint=f"{HINT}\n{obstacle}")
    return bool(obstacle)


@contextmanager
def _cells_of_any_length(size: int) -> Iterator[None]:
    """Let the standard library read cells of up to `size` bytes; its limit is one for all who use it."""
    before = csv.field_size_limit()
    csv.field_size_limit(max(before, min(size, LONGEST)))
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _read_strictly(lines: Iterator[str], *, delimiter: str, place: str) -> tuple[list[str], bool]:
    """What is wrong with the first rows whose quotes do not fit, and whether a cell has a tab and a line break."""
    misfits: list[str] = []
    joins = False
    passed = 0
    while len(misfits) < SHOWN:
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        read = 0
        try:
            for row in reader:
                if reader.line_num > read + 1 and not joins:
                    joins = any("\t" in cell and ("\n" in cell or "\r" in cell) for cell in row)
                read = reader.line_num
            break
        except csv.Error as error:
            row_of = f"The row of {place} that begins in line {passed + read + 1}"
            passed += reader.line_num
            if str(error) == NEVER_CLOSED:
                misfits.append(f"{row_of} opens a quote that never closes.")
                break
            misfits.append(f"{row_of} has a quote that closes within a cell, in line {passed}.")
    return misfits, joins


def _obstacle_to_characters(content: bytes, names: Sequence[str], *, delimiter: str) -> str:
    """Why a table cannot be read with its quotes as characters; empty where it can."""
    cut = delimiter.encode()
    lines = content.splitlines()
    head = next(number for number, line in enumerate(lines) if line.strip())
    if lines[head].decode().split(delimiter) != list(names):
        return "The names of the columns are quoted, so that quotes are marks in it."
    due = len(names) - 1
    wrong = next((number for number, line in enumerate(lines) if line.count(cut) != due and line.strip()), None)
    if wrong is None:
        return ""
    return f"Without marks, line {wrong + 1} has {lines[wrong].count(cut) + 1} columns where {len(names)} are named."
