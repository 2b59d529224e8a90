"""Tables that name pictures and their labels: CSV, TSV, JSON Lines or Parquet, split into files or not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from headstart.core.dataset import Dataset
from headstart.data.reader import ReadOptions, local_path
from headstart.data.table_columns import find_columns, recognised
from headstart.data.table_file import SUFFIXES, TableFile
from headstart.data.table_reader import TableReader, names_of, tables_in
from headstart.data.table_rows import labels_of, rows_to_dataset


class ImageTable(TableReader):
    """Relative paths start in the table's folder, or in one beside it named `images` or like the table."""

    name = "image-table"
    layout = "TABLE.csv, .tsv, .jsonl or .parquet with the columns image,label; or a folder with train.csv, test.csv"

    def sniff(self, source: Any) -> str | None:
        """A table file, or a folder of tables whose columns have names for pictures."""
        path = local_path(source)
        if path is None:
            return None
        if path.is_file():
            return f"{path.name} is a table" if path.suffix.lower() in SUFFIXES else None
        tables = tables_in(path)
        if not tables or not all(recognised("image", names_of(table)) for table in tables.values()):
            return None
        return f"{', '.join(table.name for table in tables.values())} names pictures"

    def dataset_of(self, table: TableFile, options: ReadOptions) -> Dataset | None:
        """The pictures that the rows name."""
        columns = find_columns(list(table.columns), options, place=table.path.name)
        labelled = labels_of(table, columns, options)
        if labelled is None:
            return None
        return rows_to_dataset(table, columns, labelled, options, folders=picture_folders(table.path))


def picture_folders(path: Path) -> list[Path]:
    """Where, beside its own folder, the pictures may lie that a table names."""
    inside = [Path("images"), Path(path.stem), Path("images", path.stem)]
    return [path.parent / folder for folder in inside if (path.parent / folder).is_dir()]


READER = ImageTable()
