"""Tables that name pictures and their masks: CSV, TSV, JSON Lines or Parquet, split into files or by a column."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from headstart.core.dataset import Dataset
from headstart.core.errors import DataError
from headstart.core.ledger import Event
from headstart.data.file_names import printable
from headstart.data.image_files import Located, locate
from headstart.data.mask_dataset import dataset_of_pairs
from headstart.data.mask_folder import classes_near
from headstart.data.mask_pairs import Pairs
from headstart.data.parts import part_of, parts_of
from headstart.data.reader import ReadOptions, expanded, local_path
from headstart.data.table_columns import find_columns, recognised
from headstart.data.table_file import SUFFIXES, TableFile
from headstart.data.table_reader import TableReader, names_of, tables_in

COLUMNS = ("mask", "mask_path", "mask_file", "masks", "segmentation", "segmentation_path", "annotation_path")


class MaskTable(TableReader):
    """Relative paths start in the table's folder, or in the one that the options name."""

    name = "mask-table"
    layout = "TABLE.csv, .tsv, .jsonl or .parquet with the columns image,mask; or a folder with train.csv, test.csv"

    def sniff(self, source: Any) -> str | None:
        """Tables with a column of pictures, one of masks, and none of labels."""
        path = local_path(source)
        if path is None or (path.is_file() and path.suffix.lower() not in SUFFIXES):
            return None
        tables = {"": path} if path.is_file() else tables_in(path)
        names = [names_of(table) for table in tables.values()]
        if not names or not all(_mask_column(found) and recognised("image", found) for found in names):
            return None
        if any(recognised("label", found) for found in names):
            return None
        return f"{', '.join(table.name for table in tables.values())} names pictures and masks"

    def dataset_of(self, table: TableFile, options: ReadOptions) -> Dataset | None:
        """The pictures and masks that the rows name; None where no column names masks."""
        place, names = table.path.name, list(table.columns)
        column = options.mask or _mask_column(names)
        if column is None:
            return None
        if column not in names:
            raise DataError(f"{place} has no column '{column}': it has {', '.join(names)}.")
        columns = find_columns([name for name in names if name != column], options, place=place)
        root = expanded(options.image_folder) if options.image_folder else table.path.parent
        written = [table.columns[name].to_pylist() for name in (columns.input, column)]
        images, masks = (locate(values, root=root, also=(), place=place) for values in written)
        words = [""] * len(table)
        if columns.split is not None:
            values = table.columns[columns.split]
            numbers, given = parts_of(values, place=f"Column '{columns.split}' of {place}", names=options.split_names)
            by_part = {part_of(word): word for word in given}
            words = [by_part.get(part, "") for part in numbers.tolist()]
        pairs = _pairs(words, written, images, masks, split=columns.split is not None)
        pairs.events[:0] = [*table.events, *columns.events, *images.events, *masks.events]
        found = dataset_of_pairs(root, pairs, classes_near(table.path.parent), options)
        return replace(found, source=str(table.path))


def _mask_column(names: Any) -> str | None:
    by_name = {name.strip().casefold(): name for name in names}
    return next((by_name[name] for name in COLUMNS if name in by_name), None)


def _pairs(words: list[str], written: list[list[str | None]], images: Located, masks: Located, *, split: bool) -> Pairs:
    """The rows that name a picture and a mask that are there."""
    pairs = Pairs()
    for row in range(len(words)):
        lacking: list[Event] = []
        for what, names, located in (("picture", written[0], images), ("mask", written[1], masks)):
            if not located.found[row]:
                name = names[row]
                reason = f"names no {what}" if not name else f"there is no such {what}"
                lacking.append(("skipped", reason, printable(name or f"row {row + 1}")))
        if lacking:
            pairs.events += lacking
            pairs.lacking += 1
        elif split and not words[row]:
            pairs.events.append(("skipped", "belongs to no part of the split", printable(written[0][row] or "")))
        else:
            pairs.words.append(words[row])
            pairs.images.append(images.paths[row].as_py())
            pairs.masks.append(masks.paths[row].as_py())
    return pairs


READER = MaskTable()
