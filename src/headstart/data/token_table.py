"""JSON Lines and Parquet with texts and their entities: `tokens,tags`, or `text,entities` with places of characters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet

from headstart.core.dataset import Dataset
from headstart.core.errors import DataError
from headstart.core.ledger import Event
from headstart.data.encoding import UTF8_HINT, EncodingError, encoding_of
from headstart.data.part_files import read_part_files
from headstart.data.reader import ReadOptions, local_path
from headstart.data.table_file import class_names, conversion, json_rows
from headstart.data.table_reader import tables_in
from headstart.data.tag_problems import check_entities
from headstart.data.token_rows import columns_of, token_dataset

SUFFIXES = frozenset({".jsonl", ".ndjson", ".parquet"})
LOOKED_AT = 20


class TokenTable:
    """One row, one text; a folder may have `train.jsonl`, `test.jsonl` and so on."""

    name = "token-table"
    layout = "TABLE.jsonl or .parquet with the columns tokens,tags or text,entities; or train.jsonl, test.jsonl"

    def sniff(self, source: Any) -> str | None:
        """Tables with such columns; what is in the first rows has to be lists."""
        path = local_path(source)
        if path is None or not holds_tagged_words(path, ReadOptions()):
            return None
        tables = list(_tables(path).values())
        return f"{', '.join(table.name for table in tables)} {'holds' if len(tables) == 1 else 'hold'} tagged words"

    def read(self, source: Any, options: ReadOptions) -> Dataset:
        """Read the table or tables. Raises `DataError` with all rows that do not fit."""
        path = local_path(source)
        if path is None:
            raise DataError(f"{source} does not exist.")
        dataset = read_part_files(path, _tables(path), lambda table: _read(table, options))
        return dataset if options.least_classes == 1 else check_entities(dataset)


def holds_tagged_words(path: Path, options: ReadOptions) -> bool:
    """Whether the tables have such columns, by the names that the options give or by the usual ones."""
    tables = list(_tables(path).values())
    return bool(tables) and all(_fits(table, options) for table in tables)


def _read(path: Path, options: ReadOptions) -> Dataset:
    try:
        if path.suffix.lower() == ".parquet":
            rows, classes = pa.parquet.read_table(path).to_pylist(), class_names(pa.parquet.read_schema(path).metadata)
            events: tuple[Event, ...] = ()
        else:
            encoding = encoding_of(path.read_bytes())
            rows, classes, events = list(json_rows(path, encoding)), {}, conversion(path, encoding)
    except EncodingError as error:
        raise DataError(f"{path} is not text: {error}.", hint=UTF8_HINT) from error
    except pa.ArrowException as error:
        raise DataError(f"{path} is not a readable parquet table: {error}") from error
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}.") from error
    return token_dataset(rows, options, path=path, classes=classes, events=events)


def _tables(path: Path) -> dict[str, Path]:
    found = {"": path} if path.is_file() else tables_in(path)
    return {word: table for word, table in found.items() if table.suffix.lower() in SUFFIXES}


def _fits(table: Path, options: ReadOptions) -> bool:
    """Whether the first rows have what is due; the names alone could be those of classes."""
    try:
        return columns_of(list(islice(_head(table), LOOKED_AT)), options) is not None
    except (DataError, EncodingError, OSError, pa.ArrowException):  # who reads the table then reports what is wrong
        return False


def _head(table: Path) -> Iterator[Mapping[str, Any]]:
    if table.suffix.lower() != ".parquet":
        yield from json_rows(table, encoding_of(table.read_bytes()))
        return
    for batch in pa.parquet.ParquetFile(table).iter_batches(batch_size=LOOKED_AT):
        yield from batch.to_pylist()


READER = TokenTable()
