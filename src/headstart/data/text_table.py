"""Tables of texts and their labels: CSV, TSV, JSON Lines or Parquet, split into files or not; pairs of texts, too."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headstart.core.dataset import Dataset, Part
from headstart.core.errors import DataError
from headstart.core.ledger import Event
from headstart.data.reader import ReadOptions, local_path
from headstart.data.table_columns import Columns, find_columns, recognised
from headstart.data.table_file import SUFFIXES, TableFile
from headstart.data.table_labels import NO_LABEL, Labelled
from headstart.data.table_reader import TableReader, names_of, tables_in
from headstart.data.table_rows import Rows, labels_of, with_columns
from headstart.data.text_columns import TextColumn

NO_TEXT = "has no text"
TASK = "text-classification"


class TextTable(TableReader):
    """One row, one text or pair of texts."""

    name = "text-table"
    layout = "TABLE.csv, .tsv, .jsonl or .parquet with the columns text,label (and text_pair); or train.csv, test.csv"

    def sniff(self, source: Any) -> str | None:
        """Tables whose columns have a name for texts and none for pictures."""
        path = local_path(source)
        if path is None:
            return None
        if path.is_file():
            tables = [path] if path.suffix.lower() in SUFFIXES else []
        else:
            tables = list(tables_in(path).values())
        names = [names_of(table) for table in tables]
        if not any(recognised("text", each) for each in names) or any(recognised("image", each) for each in names):
            return None
        return f"{', '.join(table.name for table in tables)} {'holds' if len(tables) == 1 else 'hold'} texts"

    def dataset_of(self, table: TableFile, options: ReadOptions) -> Dataset | None:
        """The rows that have a text and a label."""
        columns = find_columns(list(table.columns), options, place=table.path.name, modality="text")
        labelled = labels_of(table, columns, options)
        return None if labelled is None else text_dataset(table, columns, labelled, options)


def text_dataset(table: TableFile, columns: Columns, labelled: Labelled, options: ReadOptions) -> Dataset:
    """The data set of all rows that have a label and a text; of pairs both."""
    place = table.path.name
    texts = _strings(table, columns.input)
    pairs = None if columns.pair is None else _strings(table, columns.pair)
    written = texts.is_valid() if pairs is None else pc.and_(texts.is_valid(), pairs.is_valid())
    there = written.to_numpy(zero_copy_only=False)
    names = TextColumn(texts, pairs).name
    events: list[Event] = [*table.events, *columns.events, *labelled.events]
    events += [("skipped", NO_TEXT, names(int(row))) for row in np.flatnonzero(~there)]
    events += [("skipped", NO_LABEL, names(int(row))) for row in np.flatnonzero(there & ~labelled.given)]
    rows = np.flatnonzero(there & labelled.given)
    dataset = Dataset(
        task=TASK,
        labels=labelled.labels,
        inputs=TextColumn(texts, pairs).take(rows),
        targets=labelled.targets[rows],
        parts=np.full(len(rows), Part.UNASSIGNED, np.int8),
        source=str(table.path),
    )
    if pairs is not None:
        events.append(("noted", f"each item is a pair: '{columns.input}' and '{columns.pair}'", place))
    return with_columns(dataset, Rows(table, columns, rows, options), events)


def _strings(table: TableFile, column: str) -> pa.Array:
    values = table.columns[column]
    if not pa.types.is_large_string(values.type):
        raise DataError(f"Column '{column}' of {table.path.name} holds lists, but one text a row is due.")
    return values


READER = TextTable()
