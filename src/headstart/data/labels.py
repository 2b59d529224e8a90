"""From the labels that people write to class indices."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from headstart.core.ledger import Event


def natural_key(text: str) -> tuple[Any, ...]:
    """Sorts `class 2` before `class 10`, and upper and lower case together."""
    pieces = re.split(r"(\d+)", text.casefold())
    return [int(piece) if place % 2 else piece for place, piece in enumerate(pieces)], text


def as_text(values: Any) -> pa.Array:
    """An Arrow column as strings, or lists of strings where it holds lists.

    Whole numbers lose their decimal point (a missing value turns integers into floats in many tables), booleans become
    `true` and `false`; NaN and text that is only space become null.
    """
    array = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if _is_list(array.type):
        return _list_text(array)
    if pa.types.is_floating(array.type):
        array = _float_text(array)
    text = array.cast(pa.large_string())
    return pc.if_else(pc.equal(pc.utf8_trim_whitespace(text), ""), pa.scalar(None, pa.large_string()), text)


def encode_classes(values: pa.Array) -> tuple[tuple[str, ...], npt.NDArray[np.int32]]:
    """Naturally sorted class names and int32 (N,) indices into them; -1 where the string is null."""
    encoded = values.dictionary_encode()
    names = encoded.dictionary.to_pylist()
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    labels = sorted(names, key=natural_key)
    place = {label: index for index, label in enumerate(labels)}
    to_sorted = np.array([*(place[name] for name in names), -1], np.int32)
    return tuple(labels), to_sorted[codes]


def encode_label_sets(values: pa.Array) -> tuple[tuple[str, ...], npt.NDArray[np.uint8], npt.NDArray[np.bool_]]:
    """Naturally sorted label names, uint8 (N, C) of 0 and 1, and where a list was given at all.

    `values` holds lists of strings; null and blank strings within a list are no labels.
    """
    labels, codes = encode_classes(as_text(values.flatten()))
    rows = pc.list_parent_indices(values).to_numpy(zero_copy_only=False).astype(np.int64)
    targets = np.zeros((len(values), len(labels)), np.uint8)
    named = codes >= 0
    targets[rows[named], codes[named]] = 1
    return labels, targets, values.is_valid().to_numpy(zero_copy_only=False)


def look_alikes(labels: Sequence[str]) -> list[Event]:
    """Ledger events for labels that differ only in case or in the space around them: probably one class."""
    found: dict[str, list[str]] = {}
    for label in labels:
        found.setdefault(" ".join(label.split()).casefold(), []).append(label)
    reason = "labels differ only in case or surrounding space; they are kept as separate classes"
    return [("noted", reason, " / ".join(map(repr, same))) for same in found.values() if len(same) > 1]


def union(label_tuples: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """All labels of several parts: in the order of the part that has them all, else naturally sorted."""
    tuples = list(dict.fromkeys(label_tuples))
    everything = set().union(*tuples)
    longest = max(tuples, key=len, default=())
    return longest if len(longest) == len(everything) else tuple(sorted(everything, key=natural_key))


def _is_list(kind: pa.DataType) -> bool:
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind))


def _list_text(array: pa.Array) -> pa.Array:
    variable = array.cast(pa.large_list(array.type.value_type))
    content = as_text(variable.flatten())
    lengths = pc.fill_null(pc.list_value_length(variable), 0).to_numpy(zero_copy_only=False)
    offsets = pa.array(np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64))
    mask = pc.is_null(variable)
    return pa.LargeListArray.from_arrays(offsets, content, mask=mask)


def _float_text(array: pa.Array) -> pa.Array:
    numbers = pc.if_else(pc.is_nan(array), pa.scalar(None, array.type), array)
    whole = pc.and_(pc.equal(pc.floor(numbers), numbers), pc.less(pc.abs(numbers), 2.0**53))
    as_integer = pc.if_else(whole, numbers, pa.scalar(None, array.type)).cast(pa.int64()).cast(pa.large_string())
    return pc.if_else(whole, as_integer, numbers.cast(pa.large_string()))
