"""What readers of tables share: a table, or a folder with `train.csv`, `test.csv` and so on, or with one table."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from headstart.core.dataset import Dataset
from headstart.core.errors import DataError
from headstart.core.ledger import Event, Ledger
from headstart.data.folders import list_folder
from headstart.data.joining import join_parts
from headstart.data.parts import in_order, part_of
from headstart.data.reader import ReadOptions, local_path
from headstart.data.table_file import SUFFIXES, TableFile, column_names, read_table_file

NAME_IT = "Name the label column (`--label-column`), or call it label, class, target, category or labels."
NOT_USED = "a table that is not one of the split's"


class TableReader(ABC):
    """A reader of tables; what the rows hold is the matter of each kind."""

    name: str
    layout: str

    @abstractmethod
    def sniff(self, source: Any) -> str | None:
        """Why this reader takes the source; None where it does not."""

    @abstractmethod
    def dataset_of(self, table: TableFile, options: ReadOptions) -> Dataset | None:
        """The data set of a table's rows; None where no column holds labels."""

    def read(self, source: Any, options: ReadOptions) -> Dataset:
        """Read the table or tables."""
        path = local_path(source)
        if path is None:
            raise DataError(f"{source} does not exist.")
        if path.is_file():
            return self.read_one(path, options)
        tables = tables_in(path)
        if not tables:
            raise DataError(f"{path} holds no table, or several that are not called train, val or test.")
        if list(tables) == [""]:
            return self.read_one(tables[""], options)
        return self._read_split(path, tables, options)

    def read_one(self, path: Path, options: ReadOptions) -> Dataset:
        """Read one table. Raises `DataError` where it has no labels."""
        table = read_table_file(path, delimiter=options.delimiter)
        dataset = self._checked(table, options)
        if dataset is None:
            raise DataError(
                f"{table.path} has no column of labels: it has {', '.join(table.columns)}.",
                hint=NAME_IT,
            )
        return dataset

    def _read_split(self, folder: Path, tables: dict[str, Path], options: ReadOptions) -> Dataset:
        pieces: dict[str, Dataset] = {}
        events: list[Event] = []
        for word in in_order(list(tables)):
            table = read_table_file(tables[word], delimiter=options.delimiter)
            piece = self._checked(table, options)
            if piece is not None:
                pieces[word] = piece
            else:
                events.append(("skipped", "has no column of labels", table.path.name))
        if not pieces:
            raise DataError(
                f"None of {', '.join(path.name for path in tables.values())} in {folder} has a label column.",
                hint=NAME_IT,
            )
        used = set(tables.values())
        others = [name for name in _table_names(folder) if folder / name not in used]
        events += [("skipped", NOT_USED, name) for name in others]
        joined = join_parts(pieces, source=str(folder))
        return replace(joined, ledger=joined.ledger + Ledger.of(events))

    def _checked(self, table: TableFile, options: ReadOptions) -> Dataset | None:
        if not len(table):
            raise DataError(f"{table.path} has no rows.")
        return self.dataset_of(table, options)


def tables_in(folder: Path) -> dict[str, Path]:
    """Tables by the word for their part; one that is the only one in the folder has an empty word."""
    names = _table_names(folder)
    split = {Path(name).stem: folder / name for name in names if part_of(Path(name).stem) is not None}
    if split:
        return split
    return {"": folder / names[0]} if len(names) == 1 else {}


def names_of(table: Path) -> Sequence[str]:
    """The names of a table's columns; none where it cannot be read, which whoever reads it then reports."""
    try:
        return column_names(table)
    except DataError:
        return ()


def _table_names(folder: Path) -> list[str]:
    return [name for name in list_folder(folder).files if Path(name).suffix.lower() in SUFFIXES]
