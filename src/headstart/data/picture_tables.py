"""Pictures to predict that a table names: labels beside them are passed over."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from headstart.core.errors import DataError
from headstart.core.ledger import Event
from headstart.data.columns import PathColumn
from headstart.data.image_files import SHOWN, locate
from headstart.data.image_table import picture_folders
from headstart.data.reader import ReadOptions, expanded
from headstart.data.table_columns import find_columns
from headstart.data.table_file import SUFFIXES, read_table_file


def names_pictures(path: Path) -> bool:
    """Whether a file is a table; any other is one picture."""
    return path.suffix.lower() in SUFFIXES and path.is_file()


def pictures_in(path: Path, reading: ReadOptions) -> tuple[PathColumn, list[Event]]:
    """The files of a table's rows, in order and found as in training; one that is missing stays, as it is written.

    Raises `DataError` where there is no column of names, or rows that name nothing: an answer to each is due.
    """
    table = read_table_file(path, delimiter=reading.delimiter)
    columns = find_columns(list(table.columns), reading, place=path.name)
    values = table.columns[columns.input]
    if not pa.types.is_large_string(values.type):
        raise DataError(
            f"Column '{columns.input}' of {path.name} holds no names of files.",
            hint="Write the pictures to files, or hand them over as arrays in Python.",
        )
    written = values.to_pylist()
    empty = [f"row {row}" for row, name in enumerate(written, 1) if not (name and name.strip())]
    if empty:
        shown = ", ".join(empty[:SHOWN]) + (", ..." if len(empty) > SHOWN else "")
        raise DataError(f"{path.name} has rows that name no picture: {shown}.", hint="Leave these rows out.")
    root = expanded(reading.image_folder) if reading.image_folder else path.parent
    located = locate(written, root=root, also=picture_folders(path), place=path.name)
    return PathColumn(root, located.paths), [*table.events, *columns.events, *located.events]


def full_names(column: PathColumn) -> list[str]:
    """The same files by names that do not depend on a folder."""
    return [str(column.root / column.name(row)) for row in range(len(column))]
