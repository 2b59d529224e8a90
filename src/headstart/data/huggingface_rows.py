"""From one split of the `datasets` library to a data set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from headstart.core.dataset import Dataset, InputColumn, Part
from headstart.core.errors import DataError
from headstart.core.ledger import Event
from headstart.data.columns import ArrowBytesColumn, holds_pictures
from headstart.data.labels import as_text
from headstart.data.reader import ReadOptions
from headstart.data.table_columns import ALIASES, Columns, find_columns, recognised
from headstart.data.table_file import TableFile
from headstart.data.table_labels import NO_LABEL, Labelled, indicator_columns, label_column
from headstart.data.table_rows import Rows, with_columns
from headstart.data.text_columns import TextColumn
from headstart.data.text_table import NO_TEXT
from headstart.data.token_rows import SPANS, TAGS, WORDS, columns_of, token_dataset

LOOKED_AT = 20
HIDDEN = "its label is hidden (-1)"


def rows_to_dataset(rows: Any, options: ReadOptions, *, place: str, split: bool = False) -> Dataset:
    """The data set of the rows that have a label. Raises `DataError` where there is no picture or label column.

    Rows of one `split` have their part from it; in others a column may say it.
    """
    import datasets

    if not isinstance(rows, datasets.Dataset):
        raise DataError(
            f"{place} is a {type(rows).__name__}, which cannot be counted.", hint="Load it without streaming."
        )
    tagged = _tagged_words(rows, options, place, split=split)
    if tagged is not None:
        return tagged
    modality = _modality(rows, options)
    columns = _columns(rows, options, place, modality)
    labelled = _labels(rows, columns, options, place)
    inputs, there = _INPUTS[modality](rows, columns)
    reason = HIDDEN if _class_label(rows.features[columns.label[0]]) is not None else NO_LABEL
    hidden: list[Event] = [("skipped", NO_TEXT, inputs.name(int(row))) for row in np.flatnonzero(~there)]
    hidden += [("skipped", reason, inputs.name(int(row))) for row in np.flatnonzero(there & ~labelled.given)]
    dataset = Dataset(
        task=f"{modality}-classification",
        labels=labelled.labels,
        inputs=inputs,
        targets=labelled.targets,
        parts=np.full(len(inputs), Part.UNASSIGNED, np.int8),
        source=place,
    )
    events: list[Event] = [*columns.events, *labelled.events, *hidden]
    kept = np.flatnonzero(there & labelled.given)
    used = columns if not split or options.split is not None else replace(columns, split=None)
    named = [name for name in (used.group, used.domain, used.split) if name is not None]
    table = TableFile(Path(place), {name: _text(rows, name) for name in named})
    return with_columns(dataset.take(kept), Rows(table, used, kept.astype(np.int64), options), events)


def _row_numbers(rows: Any) -> npt.NDArray[np.int64] | None:
    """Where the rows lie in the stored table; filtered and shuffled data have no public name for it."""
    indices = rows._indices
    return None if indices is None else indices.column(0).to_numpy().astype(np.int64)


def _values(rows: Any, column: str) -> pa.Array:
    stored = rows.data.column(column)
    numbers = _row_numbers(rows)
    taken = stored if numbers is None else stored.take(pa.array(numbers))
    return taken.combine_chunks() if isinstance(taken, pa.ChunkedArray) else taken


def _text(rows: Any, column: str) -> pa.Array:
    return as_text(_values(rows, column))


def _pictures(rows: Any, columns: Columns) -> tuple[InputColumn, npt.NDArray[np.bool_]]:
    """Pictures stay where they are; whether each is there is found out when they are looked at."""
    column = ArrowBytesColumn(rows.data.column(columns.input), _row_numbers(rows))
    return column, np.ones(len(column), np.bool_)


def _texts(rows: Any, columns: Columns) -> tuple[InputColumn, npt.NDArray[np.bool_]]:
    names = [columns.input] if columns.pair is None else [columns.input, columns.pair]
    values = [_text(rows, name) for name in names]
    there = np.all([value.is_valid().to_numpy(zero_copy_only=False) for value in values], axis=0)
    return TextColumn(*values), there


_INPUTS: dict[str, Callable[[Any, Columns], tuple[InputColumn, npt.NDArray[np.bool_]]]] = {
    "image": _pictures,
    "text": _texts,
}


def _modality(rows: Any, options: ReadOptions) -> str:
    """Pictures where there are any, unless a column of texts is named; else texts where a column is called so."""
    import datasets

    names = list(rows.column_names)
    pictures = any(isinstance(rows.features[name], datasets.Image) for name in names)
    named = options.image is None and not pictures and recognised("text", names) and not recognised("image", names)
    return "text" if options.text is not None or named else "image"


def _columns(rows: Any, options: ReadOptions, place: str, modality: str) -> Columns:
    """Columns by what their features say, then by name."""
    import datasets

    names = list(rows.column_names)
    pictures = [name for name in names if isinstance(rows.features[name], datasets.Image)]
    classes = [name for name in names if _class_label(rows.features[name]) is not None]
    image = options.image or _chosen("image", pictures)
    label = options.label or _chosen("label", classes)
    given = options.model_copy(update={"image": image, "label": label})
    columns = find_columns(names, given, place=place, modality=modality)
    problems = []
    if modality == "image" and not holds_pictures(rows.data.schema.field(columns.input).type):
        problems.append(f"Column '{columns.input}' of {place} holds {rows.features[columns.input]}, not pictures.")
    if not columns.label:
        problems.append(f"{place} has no column of labels: it has {', '.join(names)}.")
    if problems:
        raise DataError(
            problems, hint="Name the columns; paths become pictures with cast_column(name, datasets.Image())."
        )
    return columns


def _chosen(role: str, names: Sequence[str]) -> str | None:
    known = [name for name in names if name.casefold() in ALIASES[role]]
    return next(iter([*known, *names]), None)


def _class_label(feature: Any) -> Any:
    """The `ClassLabel` of a column of class numbers, or of lists of them; None for any other column."""
    import datasets

    inner = getattr(feature, "feature", feature)
    return inner if isinstance(inner, datasets.ClassLabel) else None


def _labels(rows: Any, columns: Columns, options: ReadOptions, place: str) -> Labelled:
    if len(columns.label) > 1:
        chosen = {name: _text(rows, name) for name in columns.label}
        return indicator_columns(chosen, multi_label=options.multi_label, place=place)
    name = columns.label[0]
    feature = _class_label(rows.features[name])
    if feature is None:
        text = _text(rows, name)
        return label_column(text, multi_label=options.multi_label, separators=options.label_separators, place=place)
    values = _values(rows, name)
    if pa.types.is_integer(values.type):
        return _class_numbers(values, tuple(feature.names))
    return _class_number_lists(values, tuple(feature.names))


def _class_numbers(values: pa.Array, labels: tuple[str, ...]) -> Labelled:
    codes = pc.fill_null(values, -1).to_numpy(zero_copy_only=False).astype(np.int32)
    return Labelled(labels, codes, codes >= 0)


def _class_number_lists(values: pa.Array, labels: tuple[str, ...]) -> Labelled:
    """A list of -1 stands for a hidden label, as -1 itself does."""
    codes = pc.fill_null(values.flatten(), -1).to_numpy(zero_copy_only=False).astype(np.int64)
    owners = pc.list_parent_indices(values).to_numpy(zero_copy_only=False).astype(np.int64)
    targets = np.zeros((len(values), len(labels)), np.uint8)
    targets[owners[codes >= 0], codes[codes >= 0]] = 1
    given = values.is_valid().to_numpy(zero_copy_only=False).copy()
    given[owners[codes < 0]] = False
    return Labelled(labels, targets, given)


def _tagged_words(rows: Any, options: ReadOptions, place: str, *, split: bool) -> Dataset | None:
    """The data set of rows with words and tags, or with texts and spans of entities; None where they are neither."""
    usual = {*WORDS, *TAGS, *SPANS, *ALIASES["text"]}
    names = [name for name in rows.column_names if name.casefold() in usual or name in (options.text, options.label)]
    if columns_of(rows.select(range(min(LOOKED_AT, len(rows)))).select_columns(names).to_list(), options) is None:
        return None
    kinds = {name: getattr(rows.features[name], "feature", None) for name in names}
    classes = {
        name: list(kind.names) for name, kind in kinds.items() if kind is not None and _class_label(kind) is not None
    }
    roles = ("group", "domain") if split and options.split is None else ("group", "domain", "split")
    usual = {alias for role in roles for alias in ALIASES[role]} | {getattr(options, role) for role in roles}
    others = [name for name in rows.column_names if name.casefold() in usual or name in usual]
    chosen = rows.select_columns([*names, *others])
    return token_dataset(chosen.to_list(), options, path=Path(place), classes=classes)
