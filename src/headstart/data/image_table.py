"""Tables that name pictures and their labels: CSV, TSV, JSON Lines or Parquet, split into files or not."""

from __future__ import annotations

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
from headstart.data.table_columns import find_columns, recognised
from headstart.data.table_file import SUFFIXES, TableFile, column_names, read_table_file
from headstart.data.table_rows import labels_of, rows_to_dataset

NOT_USED = "a table that is not one of the split's"


class ImageTable:
    """A table, or a folder with `train.csv`, `test.csv` and so on, or with a single table in it."""

    name = "image-table"
    layout = "TABLE.csv, .tsv, .jsonl or .parquet with the columns image,label; or a folder with train.csv, test.csv"

    def sniff(self, source: Any) -> str | None:
        """A table file, or a folder of tables whose columns have names for pictures."""
        path = local_path(source)
        if path is None:
            return None
        if path.is_file():
            return f"{path.name} is a table" if path.suffix.lower() in SUFFIXES else None
        tables = _tables_in(path)
        if not tables or not all(recognised("image", _names_of(table)) for table in tables.values()):
            return None
        return f"{', '.join(table.name for table in tables.values())} names pictures"

    def read(self, source: Any, options: ReadOptions) -> Dataset:
        """Read the table or tables."""
        path = local_path(source)
        if path is None:
            raise DataError(f"{source} does not exist.")
        if path.is_file():
            return read_image_table(path, options)
        tables = _tables_in(path)
        if not tables:
            raise DataError(f"{path} holds no table, or several that are not called train, val or test.")
        if list(tables) == [""]:
            return read_image_table(tables[""], options)
        return _read_split(path, tables, options)


def read_image_table(path: Path, options: ReadOptions) -> Dataset:
    """Read one table whose relative paths start in its folder, or in one beside it named `images` or like the table."""
    table = read_table_file(path, delimiter=options.delimiter)
    dataset = _dataset_of(table, options)
    if dataset is None:
        raise _no_labels(table)
    return dataset


def _read_split(folder: Path, tables: dict[str, Path], options: ReadOptions) -> Dataset:
    pieces: dict[str, Dataset] = {}
    events: list[Event] = []
    for word in in_order(list(tables)):
        table = read_table_file(tables[word], delimiter=options.delimiter)
        piece = _dataset_of(table, options)
        if piece is not None:
            pieces[word] = piece
        else:
            events.append(("skipped", "has no column of labels", table.path.name))
    if not pieces:
        raise DataError(f"None of {', '.join(path.name for path in tables.values())} in {folder} has a label column.")
    used = set(tables.values())
    others = [name for name in _table_names(folder) if folder / name not in used]
    events += [("skipped", NOT_USED, name) for name in others]
    joined = join_parts(pieces, source=str(folder))
    return replace(joined, ledger=joined.ledger + Ledger.of(events))


def _dataset_of(table: TableFile, options: ReadOptions) -> Dataset | None:
    if not len(table):
        raise DataError(f"{table.path} has no rows.")
    columns = find_columns(list(table.columns), options, place=table.path.name)
    labelled = labels_of(table, columns, options)
    if labelled is None:
        return None
    return rows_to_dataset(table, columns, labelled, options, folders=_picture_folders(table.path))


def _picture_folders(path: Path) -> list[Path]:
    inside = [Path("images"), Path(path.stem), Path("images", path.stem)]
    return [path.parent / folder for folder in inside if (path.parent / folder).is_dir()]


def _tables_in(folder: Path) -> dict[str, Path]:
    """Tables by the word for their part; one that is the only one in the folder has an empty word."""
    names = _table_names(folder)
    split = {Path(name).stem: folder / name for name in names if part_of(Path(name).stem) is not None}
    if split:
        return split
    return {"": folder / names[0]} if len(names) == 1 else {}


def _table_names(folder: Path) -> list[str]:
    return [name for name in list_folder(folder).files if Path(name).suffix.lower() in SUFFIXES]


def _names_of(table: Path) -> Sequence[str]:
    try:
        return column_names(table)
    except DataError:  # another reader may know better; this one reports it when it is told to read the file
        return ()


def _no_labels(table: TableFile) -> DataError:
    names = ", ".join(table.columns)
    return DataError(
        f"{table.path} has no column of labels: it has {names}.",
        hint="Name the label column, or call it label, class, target, category or labels.",
    )


READER = ImageTable()
