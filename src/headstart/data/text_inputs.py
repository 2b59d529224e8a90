"""Texts to predict, without labels: strings, pairs, text files, folders of them, tables -> one column."""

from __future__ import annotations

import re
import sys
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
from headstart.data.encoding import UTF8_HINT, EncodingError, decode
from headstart.data.file_names import TEXT_SUFFIXES, is_text
from headstart.data.folders import walk_pictures
from headstart.data.input_tables import holds_several_texts, texts_in
from headstart.data.reader import ReadOptions
from headstart.data.table_file import SUFFIXES
from headstart.data.text_columns import TextColumn

STANDARD_INPUT = "-"
_PLAIN = ReadOptions()
HINT = "Give strings, pairs of strings, or paths of .txt files, of folders with them, or of tables with a column text."


def text_input_column(inputs: Any, reading: ReadOptions = _PLAIN) -> tuple[InputColumn, list[Event]]:
    """The column of everything to predict, in the order given, and what was passed over in folders.

    A string is a text and a `Path` a file; a pair is a tuple of two strings. `reading` names columns of tables. Where
    there are several files with several texts each, names start with that of the file. Raises `DataError`, with all
    problems at once, for paths that do not exist and where there is nothing to predict.
    """
    several = inputs if isinstance(inputs, list) else [inputs]
    if not isinstance(inputs, (str, tuple, Path)) and isinstance(inputs, Sequence):
        several = list(inputs)
    problems = [f"{item} does not exist." for item in several if isinstance(item, Path) and not item.exists()]
    problems += [f"Not a text: {type(item).__name__}." for item in several if not _is_input(item)][:3]
    if problems:
        raise DataError(problems, hint=HINT)
    events: list[Event] = []
    runs = _runs(several)
    columns = [_column(group, events, reading) for group in runs]
    if not sum(map(len, columns)):
        raise DataError(f"No text found in {', '.join(map(str, several)) or 'an empty list'}.", hint=HINT)
    return (columns[0] if len(columns) == 1 else JoinedColumn(columns, _prefixes(runs))), events


def text_arguments(words: Sequence[str]) -> list[Any]:
    """Words of a command line: what names a file or folder is that, or should be; everything else is a text.

    `-` stands for the lines of standard input, each of which is a text. Raises `DataError` where they are none.
    """
    given: list[Any] = []
    for word in words:
        if word == STANDARD_INPUT:
            given += _lines(sys.stdin.buffer.read())
        else:
            given.append(Path(word) if _names_a_path(word) else word)
    return given


def _lines(content: bytes) -> list[str]:
    try:
        text, _ = decode(content)
    except EncodingError as error:
        raise DataError(f"Standard input is not text: {error}.", hint=UTF8_HINT) from error
    lines = re.split(r"\r\n|\r|\n", text)
    return lines if lines[-1] else lines[:-1]


def _names_a_path(word: str) -> bool:
    if not word.strip():  # an empty path is the folder that one is in
        return False
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


def _column(group: list[Any], events: list[Event], reading: ReadOptions) -> InputColumn:
    first = group[0]
    if isinstance(first, str):
        return Strings(pa.array(map(_clean, group), pa.large_string()))
    if not isinstance(first, Path):
        return Strings(*(pa.array([_clean(pair[side]) for pair in group], pa.large_string()) for side in (0, 1)))
    if first.is_dir():
        names = walk_pictures(first, "", events=events, wanted=is_text, otherwise=NO_TEXT_FILE)
        return PathColumn(Path(), path_array([str(first / name) for name in names]))
    if holds_several_texts(first):
        return texts_in(first, reading)
    return PathColumn(Path(), path_array([str(first)]))


def _prefixes(runs: list[list[Any]]) -> list[str]:
    """What names begin with: those of files of several texts, where there are several; their paths if need be."""
    files = {place: run[0] for place, run in enumerate(runs) if isinstance(run[0], Path) and _has_rows(run[0])}
    if len(files) < 2:
        return [""] * len(runs)
    alike = len({path.name for path in files.values()}) < len(files)
    return [(str(files[place]) if alike else files[place].name) if place in files else "" for place in range(len(runs))]


def _has_rows(path: Path) -> bool:
    return path.is_file() and holds_several_texts(path)


class Strings(TextColumn):
    """Texts that were given one by one: each is its own name."""

    def name(self, index: int) -> str:
        """The text, or the two of a pair."""
        text = self.read(index)
        return text if isinstance(text, str) else " | ".join(text)


def _clean(text: str) -> str:
    """Half a surrogate pair is no character."""
    return text.encode("utf-8", "replace").decode()
