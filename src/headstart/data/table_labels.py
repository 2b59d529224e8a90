"""From the label columns of a table to targets: one label a row, several in one cell, or columns of 0 and 1."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from headstart.core.errors import DataError
from headstart.core.ledger import Event
from headstart.data.labels import encode_classes, encode_label_sets

NO_LABEL = "has no label"
ZERO_OR_ONE = {"0": 0, "1": 1, "0.0": 0, "1.0": 1, "false": 0, "true": 1}


@dataclass(frozen=True)
class Labelled:
    """Targets of N rows as in `Dataset`; `given` (N,) is False where a row has no label."""

    labels: tuple[str, ...]
    targets: npt.NDArray[Any]
    given: npt.NDArray[np.bool_]
    events: tuple[Event, ...] = ()


def label_column(values: pa.Array, *, multi_label: bool | None, separators: Sequence[str], place: str) -> Labelled:
    """Targets from one column of strings or of lists of strings.

    Unless `multi_label` says otherwise, lists mean several labels a row, and so does text with a separator in it.
    """
    listed = pa.types.is_large_list(values.type)
    found = [] if listed else [mark for mark in separators if pc.any(pc.match_substring(values, mark)).as_py()]
    if not listed and (multi_label is False or (multi_label is None and not found)):
        labels, codes = encode_classes(values)
        return Labelled(labels, codes, codes >= 0)
    if not listed:
        values = _split(values, found)
    if multi_label is False:
        return _single_of_lists(values, place)
    labels, targets, given = encode_label_sets(values)
    reason = f"labels are separated by {' and '.join(map(repr, found))}: each item may have several"
    noted: tuple[Event, ...] = (("noted", reason, place),) if multi_label is None and found else ()
    return Labelled(labels, targets, given, noted)


def indicator_columns(columns: Mapping[str, pa.Array], *, multi_label: bool | None, place: str) -> Labelled:
    """Targets from one column of 0 and 1 for each label; rows with exactly one 1 throughout are single-label data.

    Raises `DataError` for columns that hold anything else.
    """
    wrong = {name: other_values(values) for name, values in columns.items()}
    problems = [
        f"Column '{name}' of {place} should hold 0 and 1, not {values}." for name, values in wrong.items() if values
    ]
    if problems:
        raise DataError(problems, hint="Name only the label columns, or one column that holds the label's name.")
    labels = tuple(columns)
    codes = np.stack([_zero_or_one(values) for values in columns.values()], axis=1)
    given: npt.NDArray[np.bool_] = np.all(codes >= 0, axis=1)
    targets = np.where(codes > 0, 1, 0).astype(np.uint8)
    exclusive = bool((targets[given].sum(axis=1) == 1).all())
    if multi_label is False and not exclusive:
        raise DataError(f"Rows of {place} have no label or several, but one label an item was asked for.")
    if multi_label or not exclusive:
        return Labelled(labels, targets, given)
    reason = "every row has exactly one 1 in its label columns: each item has one class"
    single = np.where(given, targets.argmax(axis=1), -1).astype(np.int32)
    return Labelled(labels, single, given, (("noted", reason, place),) if multi_label is None else ())


def other_values(values: pa.Array) -> str:
    """Up to three of a column's values that are neither 0 nor 1; empty where there are none."""
    if not pa.types.is_large_string(values.type):
        return "lists"
    others = [
        value for value in pc.unique(values).to_pylist() if value is not None and value.lower() not in ZERO_OR_ONE
    ]
    return ", ".join(map(repr, others[:3])) + (", ..." if len(others) > 3 else "")


def indicator_names(columns: Mapping[str, pa.Array]) -> list[str]:
    """The columns that hold nothing but 0 and 1."""
    return [name for name, values in columns.items() if values.null_count < len(values) and not other_values(values)]


def _split(values: pa.Array, separators: Sequence[str]) -> pa.Array:
    """Lists of the trimmed pieces of each string."""
    if separators:
        pieces = pc.split_pattern_regex(values, "|".join(re.escape(mark) for mark in separators))
        content = pc.utf8_trim_whitespace(pieces.flatten()).cast(pa.large_string())
        lengths = pc.fill_null(pc.list_value_length(pieces), 0).to_numpy(zero_copy_only=False)
    else:
        content = values.drop_null()
        lengths = values.is_valid().to_numpy(zero_copy_only=False)
    offsets = pa.array(np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64))
    return pa.LargeListArray.from_arrays(offsets, content, mask=pc.is_null(values))


def _single_of_lists(values: pa.Array, place: str) -> Labelled:
    """One label a row from lists that hold at most one each."""
    lengths = pc.fill_null(pc.list_value_length(values), 0).to_numpy(zero_copy_only=False)
    if (lengths > 1).any():
        raise DataError(f"{(lengths > 1).sum()} rows of {place} have several labels, but one was asked for.")
    labels, codes = encode_classes(values.flatten())
    targets = np.full(len(values), -1, np.int32)
    targets[lengths == 1] = codes
    return Labelled(labels, targets, targets >= 0)


def _zero_or_one(values: pa.Array) -> npt.NDArray[np.int8]:
    """int8 (N,) of 0 and 1, -1 for null."""
    encoded = values.dictionary_encode()
    codes = [ZERO_OR_ONE[text.lower()] for text in encoded.dictionary.to_pylist()]
    rows: npt.NDArray[np.int64] = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return np.array([*codes, -1], np.int8)[rows]
