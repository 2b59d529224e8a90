"""Texts to predict, without labels: strings, pairs, text files, folders of them, tables -> one column."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from headstart.core.dataset import InputColumn
from headstart.core.errors import DataError
from headstart.core.ledger import Event
from headstart.data.class_folder import NO_TEXT_FILE
from headstart.data.columns import JoinedColumn, PathColumn, path_array
from headstart.data.conll import SUFFIXES as COLUMN_SUFFIXES
from headstart.data.conll import read_conll
from headstart.data.file_names import TEXT_SUFFIXES, is_text
from headstart.data.folders import walk_pictures
from headstart.data.reader import ReadOptions
from headstart.data.table_columns import find_columns
from headstart.data.table_file import SUFFIXES, read_table_file
from headstart.data.text_columns import TextColumn

HINT = "Give strings, pairs of strings, or paths of .txt files, of folders with them, or of tables with a column text."


def text_input_column(inputs: Any) -> tuple[InputColumn, list[Event]]:
    """The column of everything to predict, in the order given, and what was passed over in folders.

    A string is a text and a `Path` a file; a pair is a tuple of two strings. Raises `DataError`, with all problems at
    once, for paths that do not exist and where there is nothing to predict.
    """
    several = inputs if isinstance(inputs, list) else [inputs]
    if not isinstance(inputs, (str, tuple, Path)) and isinstance(inputs, Sequence):
        several = list(inputs)
    problems = [f"{item} does not exist." for item in several if isinstance(item, Path) and not item.exists()]
    problems += [f"Not a text: {type(item).__name__}." for item in several if not _is_input(item)][:3]
    if problems:
        raise DataError(problems, hint=HINT)
    events: list[Event] = []
    columns = [column for group in _runs(several) for column in _columns(group, events)]
    if not sum(map(len, columns)):
        raise DataError(f"No text found in {', '.join(map(str, several)) or 'an empty list'}.", hint=HINT)
    return (columns[0] if len(columns) == 1 else JoinedColumn(columns, [""] * len(columns))), events


def text_arguments(words: Sequence[str]) -> list[Any]:
    """Words of a command line: what names a file or folder is that, or should be; everything else is a text."""
    return [Path(word) if _names_a_path(word) else word for word in words]


def _names_a_path(word: str) -> bool:
    try:
        if Path(word).exists():
            return True
    except (OSError, ValueError):
        return False
    return " " not in word and Path(word).suffix.lower() in TEXT_SUFFIXES | set(SUFFIXES) | COLUMN_SUFFIXES


def _is_input(item: Any) -> bool:
    pair = isinstance(item, (tuple, list)) and len(item) == 2 and all(isinstance(part, str) for part in item)
    return pair or isinstance(item, (str, Path))


def _runs(several: Sequence[Any]) -> list[list[Any]]:
    """Neighbours of one kind (texts, pairs, or a single path) together."""
    runs: list[list[Any]] = []
    for item in several:
        same = runs and not isinstance(item, Path) and type(runs[-1][0]) is type(item)
        if same:
            runs[-1].append(item)
        else:
            runs.append([item])
    return runs


def _columns(group: list[Any], events: list[Event]) -> list[InputColumn]:
    first = group[0]
    if isinstance(first, str):
        return [Strings(pa.array(map(_clean, group), pa.large_string()))]
    if not isinstance(first, Path):
        sides = [pa.array([_clean(pair[side]) for pair in group], pa.large_string()) for side in (0, 1)]
        return [Strings(*sides)]
    if first.is_dir():
        names = walk_pictures(first, "", events=events, wanted=is_text, otherwise=NO_TEXT_FILE)
        return [PathColumn(Path(), path_array([str(first / name) for name in names]))]
    if first.suffix.lower() in COLUMN_SUFFIXES:
        return [read_conll(first, ReadOptions()).inputs]
    if first.suffix.lower() not in SUFFIXES:
        return [PathColumn(Path(), path_array([str(first)]))]
    table = read_table_file(first)
    found = find_columns(list(table.columns), ReadOptions(), place=first.name, modality="text")
    sides = [table.columns[name].fill_null("") for name in (found.input, found.pair) if name is not None]
    return [TextColumn(*sides)]


class Strings(TextColumn):
    """Texts that were given one by one: each is its own name."""

    def name(self, index: int) -> str:
        """The text, or the two of a pair."""
        text = self.read(index)
        return text if isinstance(text, str) else " | ".join(text)


def _clean(text: str) -> str:
    """Half a surrogate pair is no character."""
    return text.encode("utf-8", "replace").decode()
