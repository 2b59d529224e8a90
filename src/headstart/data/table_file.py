"""CSV, TSV, JSON Lines and Parquet files as Arrow tables of text."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute
import pyarrow.csv
import pyarrow.parquet

from headstart.core.errors import DataError
from headstart.core.ledger import Event
from headstart.data.encoding import NAMES, UTF8_HINT, EncodingError, encoding_of
from headstart.data.labels import as_text
from headstart.data.quoting import AS_CHARACTERS, quotes_are_marks

SUFFIXES = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet")
DELIMITERS = (",", "\t", ";", "|")
HEAD = 1 << 20
SMALLEST_BLOCK, LARGEST_BLOCK = 1 << 20, 1 << 30
"""Bytes that are parsed at a time: one row has to fit, however long the text in it."""


@dataclass(frozen=True)
class TableFile:
    """The rows of a file: `columns` by name, each an Arrow array of strings or of lists of strings."""

    path: Path
    columns: dict[str, pa.Array]
    events: tuple[Event, ...] = ()

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))


def column_names(path: Path, *, delimiter: str | None = None) -> list[str]:
    """The names of a table's columns, from its beginning. Raises `DataError` where the file has none."""
    with _Reported(path):
        if path.suffix.lower() == ".parquet":
            return list(pa.parquet.read_schema(path).names)
        if path.suffix.lower() in {".jsonl", ".ndjson"}:
            return list(next(json_rows(path, _encoding_of_head(path)), {}))
        return _header(path, delimiter, _encoding_of_head(path))[0]


def read_table_file(path: Path, *, delimiter: str | None = None) -> TableFile:
    """Read a whole table. Raises `DataError` where it is not what its suffix says."""
    with _Reported(path):
        if path.suffix.lower() == ".parquet":
            return _read_parquet(path)
        if path.suffix.lower() in {".jsonl", ".ndjson"}:
            encoding = encoding_of(path.read_bytes())
            return TableFile(path, _json_columns(path, encoding), conversion(path, encoding))
        return _read_csv(path, delimiter)


class _Reported:
    """Turns what the libraries raise for a file that they cannot read into errors for people."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, EncodingError):
            raise DataError(f"{self.path} is not text: {error}.", hint=UTF8_HINT) from error
        if isinstance(error, UnicodeDecodeError) or "invalid UTF8" in str(error):
            raise DataError(f"{self.path} is not UTF-8 text.", hint=UTF8_HINT) from error
        if isinstance(error, OSError):
            raise DataError(f"{self.path} cannot be read: {error.strerror or error}.") from error
        if isinstance(error, (pa.ArrowException, csv.Error)):
            raise DataError(f"{self.path} is not a readable {self.path.suffix[1:]} table: {error}") from error


def _encoding_of_head(path: Path) -> str:
    """The encoding of the beginning of a file, for those who want no more than the names of its columns."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    return encoding_of(head if len(head) < HEAD else path.read_bytes())


def conversion(path: Path, encoding: str) -> tuple[Event, ...]:
    """What the ledger says of a file that is not in UTF-8."""
    if NAMES[encoding] == "UTF-8":
        return ()
    return (("converted", f"its bytes were read as {NAMES[encoding]}", path.name),)


def _header(path: Path, delimiter: str | None, encoding: str) -> tuple[list[str], str]:
    """Column names and delimiter of a CSV file; the delimiter is the commonest candidate in the first line."""
    with path.open(encoding=_without_mark(encoding), newline="") as file:
        first = next((line for line in file if line.strip()), "")
    if not first:
        raise DataError(f"{path} is empty.", hint="The first line must name the columns, such as `image,label`.")
    separator = delimiter or ("\t" if path.suffix.lower() == ".tsv" else max(DELIMITERS, key=first.count))
    names = next(csv.reader([first], delimiter=separator))
    bare = [name.strip() for name in names]
    repeated = sorted({name for name in bare if bare.count(name) > 1})
    if repeated:
        raise DataError(f"{path} has more than one column named {', '.join(map(repr, repeated))}.")
    return names, separator


def _read_csv(path: Path, delimiter: str | None) -> TableFile:
    content = path.read_bytes()
    encoding = encoding_of(content)
    names, separator = _header(path, delimiter, encoding)
    events: list[Event] = [*conversion(path, encoding)]
    if NAMES[encoding] != "UTF-8":
        content = content.decode(encoding).encode()
    marks = quotes_are_marks(content, names, delimiter=separator, place=path.name)
    if not marks:
        events.append(("converted", AS_CHARACTERS, path.name))

    def ragged(row: Any) -> str:
        reason = f"has {row.actual_columns} columns where {row.expected_columns} are named"
        events.append(("skipped", reason, f"line {row.number} of {path.name}"))
        return "skip"

    block = min(max(len(content) + 1, SMALLEST_BLOCK), LARGEST_BLOCK)
    lines = _lines_of_header(path, encoding)
    table = pa.csv.read_csv(
        io.BytesIO(content),
        read_options=pa.csv.ReadOptions(use_threads=False, column_names=names, skip_rows=lines, block_size=block),
        parse_options=pa.csv.ParseOptions(
            delimiter=separator,
            quote_char='"' if marks else False,
            newlines_in_values=True,
            invalid_row_handler=ragged,
            # where there is one column, such a line is an empty cell, and the rows below keep their numbers
            ignore_empty_lines=len(names) > 1,
        ),
        convert_options=pa.csv.ConvertOptions(column_types=dict.fromkeys(names, pa.large_string())),
    )
    columns = {}
    for name, values in zip(names, table.columns, strict=True):
        text = as_text(values)
        # `image, label`: the space after the delimiter is a habit of writing, not a part of the label
        columns[name.strip()] = pa.compute.utf8_ltrim_whitespace(text) if name != name.lstrip() else text
    return TableFile(path, columns, tuple(events))


def _without_mark(encoding: str) -> str:
    """UTF-8 whose mark, where it has one, is no part of the text."""
    return "utf-8-sig" if encoding == "utf-8" else encoding


def _lines_of_header(path: Path, encoding: str) -> int:
    """How many lines there are up to the one that names the columns, blank ones included."""
    with path.open(encoding=_without_mark(encoding), newline="") as file:
        return next(number for number, line in enumerate(file, 1) if line.strip())


def _read_parquet(path: Path) -> TableFile:
    schema = pa.parquet.read_schema(path)
    names = [field.name for field in schema if _is_textual(field.type)]
    table = pa.parquet.read_table(path, columns=names)
    known = class_names(schema.metadata)
    return TableFile(path, {name: _named(as_text(table.column(name)), known.get(name)) for name in names})


def class_names(metadata: Mapping[bytes, bytes] | None) -> dict[str, list[str]]:
    """The names that numbers in a column stand for, as the datasets library writes them into Parquet files."""
    try:
        features = json.loads((metadata or {})[b"huggingface"])["info"]["features"]
    except (KeyError, TypeError, ValueError):
        return {}
    inner = {name: feature.get("feature", feature) for name, feature in features.items() if isinstance(feature, dict)}
    return {name: list(each["names"]) for name, each in inner.items() if isinstance(each, dict) and "names" in each}


def _named(values: pa.Array, classes: Sequence[str] | None) -> pa.Array:
    """Numbers of classes, as strings or lists of them, by their names; null where a number has none, as -1."""
    if classes is None:
        return values
    if pa.types.is_large_list(values.type):
        content = _named(values.values, classes)
        return pa.LargeListArray.from_arrays(values.offsets, content, mask=values.is_null())
    places = pa.compute.index_in(values, pa.array(list(map(str, range(len(classes)))), pa.large_string()))
    return pa.array(classes, pa.large_string()).take(places)


def _is_textual(kind: pa.DataType) -> bool:
    types = pa.types
    if types.is_dictionary(kind):
        return _is_textual(kind.value_type)
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        return _is_textual(kind.value_type)
    return bool(
        types.is_string(kind)
        or types.is_large_string(kind)
        or types.is_integer(kind)
        or types.is_floating(kind)
        or types.is_boolean(kind)
    )


def json_rows(path: Path, encoding: str) -> Iterator[dict[str, Any]]:
    """The objects of JSON Lines, one by one. Raises `DataError` for a line that holds none."""
    with path.open(encoding=_without_mark(encoding)) as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except json.JSONDecodeError as error:
                raise DataError(f"Line {number} of {path} is not JSON: {error.msg}.") from error
            except ValueError as error:
                raise DataError(f"Line {number} of {path} has a number with more digits than are read.") from error
            except RecursionError as error:
                raise DataError(
                    f"Line {number} of {path} is nested too deeply: lists in lists, or the like."
                ) from error
            if not isinstance(row, dict):
                raise DataError(f"Line {number} of {path} is not a JSON object such as {{'image': ..., 'label': ...}}.")
            yield row


def _json_columns(path: Path, encoding: str) -> dict[str, pa.Array]:
    values: dict[str, list[Any]] = {}
    count = 0
    for count, row in enumerate(json_rows(path, encoding), 1):
        for name, value in row.items():
            column = values.setdefault(name, [])
            column.extend([None] * (count - 1 - len(column)))
            column.append(_json_value(value))
    return {name: _json_array(column + [None] * (count - len(column))) for name, column in values.items()}


def _json_value(value: Any) -> Any:
    """The text of a value, a list of texts, or None; an object is no label and no path."""
    if value is None or isinstance(value, dict):
        return None
    if isinstance(value, list):
        return [_json_value(entry) for entry in value if not isinstance(entry, (dict, list))]
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    # Half a surrogate pair, which JSON can spell, is no character.
    return str(value).encode("utf-8", "replace").decode()


def _json_array(values: list[Any]) -> pa.Array:
    if not any(isinstance(value, list) for value in values):
        return as_text(pa.array(values, pa.large_string()))
    lists = [[value] if isinstance(value, str) else value for value in values]
    return as_text(pa.array(lists, pa.large_list(pa.large_string())))
