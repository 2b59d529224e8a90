"""From the rows of a table to a data set of the picture files that they name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from headstart.core.dataset import Dataset, Part
from headstart.core.errors import DataError
from headstart.core.ledger import Event, Ledger
from headstart.data.columns import PathColumn
from headstart.data.groups import domain_codes, group_codes
from headstart.data.image_files import locate, report_missing
from headstart.data.parts import parts_of
from headstart.data.reader import ReadOptions, expanded
from headstart.data.table_columns import Columns
from headstart.data.table_file import TableFile
from headstart.data.table_labels import NO_LABEL, Labelled, indicator_columns, indicator_names, label_column


def labels_of(table: TableFile, columns: Columns, options: ReadOptions) -> Labelled | None:
    """The targets of a table's rows; None where no column holds labels."""
    place = table.path.name
    if len(columns.label) == 1:
        values = table.columns[columns.label[0]]
        separators = options.label_separators
        return label_column(values, multi_label=options.multi_label, separators=separators, place=place)
    names = list(columns.label)
    if not names:
        others = {name: table.columns[name] for name in columns.others(list(table.columns))}
        names = indicator_names(others)
    if len(names) < 2:
        return None
    chosen = {name: table.columns[name] for name in names}
    return indicator_columns(chosen, multi_label=options.multi_label, place=place)


def rows_to_dataset(
    table: TableFile, columns: Columns, labelled: Labelled, options: ReadOptions, *, folders: Sequence[Path] = ()
) -> Dataset:
    """The data set of all rows that have a label and a file; `folders` are where files may lie beside the table's own.

    Raises `DataError` where most files are missing.
    """
    root = expanded(options.image_folder) if options.image_folder else table.path.parent
    place = table.path.name
    written = table.columns[columns.input].to_pylist()
    located = locate(written, root=root, also=folders, place=place)
    events = [*table.events, *columns.events, *labelled.events, *located.events]
    events += report_missing(written, located.found, root=root, place=place)
    names = [name or f"row {row} of {place}" for row, name in enumerate(written, 1)]
    events += [("skipped", "names no picture", names[row]) for row, name in enumerate(written) if not name]
    events += [("skipped", NO_LABEL, names[row]) for row in np.flatnonzero(located.found & ~labelled.given)]
    rows = np.flatnonzero(located.found & labelled.given)
    dataset = Dataset(
        task="image-classification",
        labels=labelled.labels,
        inputs=PathColumn(root, located.paths.take(pa.array(rows))),
        targets=labelled.targets[rows],
        parts=np.full(len(rows), Part.UNASSIGNED, np.int8),
        source=str(table.path),
    )
    return with_columns(dataset, Rows(table, columns, rows, options), events)


def with_columns(dataset: Dataset, rows: Rows, events: list[Event]) -> Dataset:
    """The data set with what the other columns say: groups, domains, parts; and a ledger of these and other events."""
    for add in (_with_groups, _with_domains, _with_parts, _without_repeats):
        dataset, more = add(dataset, rows)
        events += more
    return replace(dataset, ledger=Ledger.of(events))


@dataclass(frozen=True)
class Rows:
    """The rows of a table that became items."""

    table: TableFile
    columns: Columns
    rows: npt.NDArray[np.int64]
    options: ReadOptions

    def values(self, column: str) -> pa.Array:
        """A column's strings for these rows."""
        values = self.table.columns[column]
        if not pa.types.is_large_string(values.type):
            place = self.table.path.name
            raise DataError(f"Column '{column}' of {place} holds lists, but one value a row is due.")
        return values.take(pa.array(self.rows))


def _with_groups(dataset: Dataset, rows: Rows) -> tuple[Dataset, list[Event]]:
    if rows.columns.group is None:
        return dataset, []
    groups, names, events = group_codes(rows.values(rows.columns.group), dataset.inputs.name)
    return replace(dataset, groups=groups, group_names=names), events


def _with_domains(dataset: Dataset, rows: Rows) -> tuple[Dataset, list[Event]]:
    if rows.columns.domain is None:
        return dataset, []
    domains, names = domain_codes(rows.values(rows.columns.domain))
    return replace(dataset, domains=domains, domain_names=names), []


def _with_parts(dataset: Dataset, rows: Rows) -> tuple[Dataset, list[Event]]:
    """The data set split as its column says; rows without a word for a part are left out."""
    column = rows.columns.split
    if column is None:
        return dataset, []
    place = f"Column '{column}' of {rows.table.path.name}"
    parts, words = parts_of(rows.values(column), place=place, names=rows.options.split_names)
    left_out = np.flatnonzero(parts == Part.UNASSIGNED)
    events: list[Event] = [
        ("skipped", "belongs to no part of the split", dataset.inputs.name(int(i))) for i in left_out
    ]
    split = replace(dataset, parts=parts, given_parts=words)
    return split.take(np.flatnonzero(parts != Part.UNASSIGNED)), events


def _without_repeats(dataset: Dataset, rows: Rows) -> tuple[Dataset, list[Event]]:
    """What is done about files that several rows name: their labels are united where a picture may have several."""
    if not len(dataset) or not isinstance(dataset.inputs, PathColumn):
        return dataset, []
    encoded = dataset.inputs.paths.dictionary_encode()
    codes = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    counts = np.bincount(codes)
    if counts.max() == 1:
        return dataset, []
    first = np.full(len(counts), len(codes), np.int64)
    np.minimum.at(first, codes, np.arange(len(codes)))
    differs = np.zeros(len(counts), np.bool_)
    unequal = dataset.targets != dataset.targets[first[codes]]
    np.logical_or.at(differs, codes, unequal.any(axis=1) if dataset.multi_label else unequal)
    if rows.options.multi_label:
        return _united(dataset, codes, first, counts)
    events: list[Event] = []
    for code in np.flatnonzero(counts > 1):
        how = "with different labels" if differs[code] else "with the same label"
        events.append(
            ("noted", f"named by several rows {how}; all rows are kept", dataset.inputs.name(int(first[code])))
        )
    return dataset, events


def _united(
    dataset: Dataset, codes: npt.NDArray[np.int64], first: npt.NDArray[np.int64], counts: npt.NDArray[np.int64]
) -> tuple[Dataset, list[Event]]:
    targets = np.zeros((len(first), dataset.targets.shape[1]), np.uint8)
    np.maximum.at(targets, codes, dataset.targets)
    reason = "several rows name it: their labels are taken together"
    events: list[Event] = [
        ("noted", reason, dataset.inputs.name(int(first[code]))) for code in np.flatnonzero(counts > 1)
    ]
    order = np.argsort(first, kind="stable")
    return replace(dataset.take(first[order]), targets=targets[order]), events
