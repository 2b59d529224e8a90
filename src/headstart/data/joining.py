"""One data set of parts that were read one by one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from headstart.core.dataset import Dataset, InputColumn
from headstart.core.errors import DataError
from headstart.core.ledger import Event, Ledger
from headstart.core.targets import column_of
from headstart.data.columns import join_columns
from headstart.data.file_names import under
from headstart.data.groups import Codes, domain_codes, group_codes
from headstart.data.labels import union
from headstart.data.parts import in_order, part_of, shared_parts


def join_parts(pieces: Mapping[str, Dataset], *, source: str) -> Dataset:
    """Join unsplit data sets under the words for their parts, such as `train` and `val`.

    Raises `DataError` where a word is no part, two stand for the same one, or a piece is itself split.
    """
    _check(pieces)
    words = in_order(list(pieces))
    parts = [pieces[word] for word in words]
    inputs, prefixes = join_columns([part.inputs for part in parts], words)
    labels = union(part.labels for part in parts)
    groups, group_names, events = _joined_groups(parts, inputs)
    domains, domain_names = _joined_domains(parts)
    ledgers = [_prefixed(part.ledger, prefix) for part, prefix in zip(parts, prefixes, strict=True)]
    return Dataset(
        task=parts[0].task,
        labels=labels,
        inputs=inputs,
        targets=_joined_targets(parts, labels),
        parts=np.concatenate([np.full(len(pieces[word]), part_of(word), np.int8) for word in words]),
        source=source,
        given_parts=tuple(word for word in words if len(pieces[word])),
        groups=groups,
        group_names=group_names,
        domains=domains,
        domain_names=domain_names,
        ledger=sum(ledgers, Ledger()) + Ledger.of(events),
    )


def _check(pieces: Mapping[str, Dataset]) -> None:
    problems = [f"'{word}' is not a part of a split." for word in pieces if part_of(word) is None]
    problems += shared_parts(list(pieces))
    problems += [
        f"The data for {word} ({piece.source}) are themselves split into {', '.join(piece.given_parts)}."
        for word, piece in pieces.items()
        if piece.given_parts
    ]
    tasks = {piece.task for piece in pieces.values()}
    if len(tasks) > 1:
        problems.append(f"The parts are data for different tasks: {', '.join(sorted(tasks))}.")
    if problems:
        raise DataError(problems, hint="The parts of a split are train, val and test.")


def _joined_targets(parts: Sequence[Dataset], labels: tuple[str, ...]) -> npt.NDArray[Any]:
    place = {label: index for index, label in enumerate(labels)}
    to_all = [np.array([place[label] for label in part.labels], np.int32) for part in parts]
    if any(part.structured for part in parts):
        pairs = zip(to_all, parts, strict=True)
        return column_of([target.renumbered(codes) for codes, part in pairs for target in part.targets])
    if not any(part.multi_label for part in parts):
        return np.concatenate([codes[part.targets] for codes, part in zip(to_all, parts, strict=True)])
    targets = np.zeros((sum(map(len, parts)), len(labels)), np.uint8)
    start = 0
    for codes, part in zip(to_all, parts, strict=True):
        rows = targets[start : start + len(part)]
        if part.multi_label:
            rows[:, codes] = part.targets
        else:
            rows[np.arange(len(part)), codes[part.targets]] = 1
        start += len(part)
    return targets


def _names(
    parts: Sequence[Dataset], codes_of: Callable[[Dataset], tuple[Codes | None, Sequence[str]]]
) -> pa.Array | None:
    """The name of each item's group or domain, null where there is none; None where no part has any."""
    columns = []
    for part in parts:
        codes, names = codes_of(part)
        if codes is None:
            columns.append(pa.nulls(len(part), pa.large_string()))
        else:
            columns.append(pa.array(list(names), pa.large_string()).take(pa.array(codes)))
    joined = pa.concat_arrays(columns)
    return joined if joined.null_count < len(joined) else None


def _joined_groups(parts: Sequence[Dataset], inputs: InputColumn) -> tuple[Codes | None, tuple[str, ...], list[Event]]:
    names = _names(parts, lambda part: (part.groups, part.group_names))
    return (None, (), []) if names is None else group_codes(names, inputs.name)


def _joined_domains(parts: Sequence[Dataset]) -> tuple[Codes | None, tuple[str, ...]]:
    names = _names(parts, lambda part: (part.domains, part.domain_names))
    return (None, ()) if names is None else domain_codes(names)


def _prefixed(ledger: Ledger, prefix: str) -> Ledger:
    return Ledger.of((line.action, line.reason, under(prefix, item)) for line in ledger.lines for item in line.items)
