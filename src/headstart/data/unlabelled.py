"""Texts that nobody labelled, to pretrain on: a table without labels, a file of lines, a list of strings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headstart.core.dataset import Dataset, Part
from headstart.core.errors import DataError
from headstart.core.ledger import Event, Ledger
from headstart.data.encoding import NAMES, read_text
from headstart.data.reader import ReadOptions, local_path, source_name
from headstart.data.table_columns import find_columns, recognised
from headstart.data.table_file import SUFFIXES, column_names, read_table_file
from headstart.data.text_columns import TextColumn
from headstart.data.text_table import NO_TEXT

TASK = "text-modelling"
LINES = ".txt"


def unlabelled_texts(source: Any, options: ReadOptions) -> Dataset | None:
    """The texts of a source that has no labels, in one class; None where it is anything else.

    Of a `.txt` file every line is a text. Raises `DataError` where nothing is in it.
    """
    if isinstance(source, Sequence) and not isinstance(source, str) and source:
        if not all(isinstance(text, str) for text in source):
            return None
        return _dataset(TextColumn(pa.array(source, pa.large_string())), source_name(source), [])
    path = local_path(source)
    if path is None or not path.is_file():
        return None
    if path.suffix.lower() == LINES:
        return _of_lines(path)
    return _of_table(path, options) if path.suffix.lower() in SUFFIXES else None


def _of_lines(path: Path) -> Dataset:
    text, encoding = read_text(path)
    lines = pa.array(re.split(r"\r\n|\r|\n", text.removesuffix("\n").removesuffix("\r")), pa.large_string())
    events: list[Event] = []
    if encoding != NAMES["utf-8"]:
        events.append(("converted", f"its bytes were read as {encoding}", path.name))
    return _dataset(TextColumn(lines), str(path), events)


def _of_table(path: Path, options: ReadOptions) -> Dataset | None:
    names = column_names(path, delimiter=options.delimiter)
    if options.label is not None or recognised("label", names) or recognised("image", names):
        return None
    if options.text is None and not recognised("text", names):
        return None
    table = read_table_file(path, delimiter=options.delimiter)
    columns = find_columns(list(table.columns), options, place=path.name, modality="text")
    pairs = None if columns.pair is None else table.columns[columns.pair]
    column = TextColumn(table.columns[columns.input], pairs)
    return _dataset(column, str(path), [*table.events, *columns.events])


def _dataset(column: TextColumn, source: str, events: list[Event]) -> Dataset:
    written = pc.fill_null(pc.greater(pc.utf8_length(pc.utf8_trim_whitespace(column.texts)), 0), False)
    if column.pairs is not None:
        written = pc.and_(written, column.pairs.is_valid())
    there = written.to_numpy(zero_copy_only=False)
    events = [*events, *(("skipped", NO_TEXT, column.name(int(row))) for row in np.flatnonzero(~there))]
    rows = np.flatnonzero(there).astype(np.int64)
    if not len(rows):
        raise DataError(f"{source} holds no texts.")
    return Dataset(
        task=TASK,
        labels=("text",),
        inputs=column.take(rows),
        targets=np.zeros(len(rows), np.int32),
        parts=np.full(len(rows), Part.UNASSIGNED, np.int8),
        source=source,
        ledger=Ledger.of(events),
    )
