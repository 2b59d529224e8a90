"""Texts to predict that are rows of a table, or words in columns: labels and tags beside them are passed over."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa

from headstart.core.dataset import InputColumn
from headstart.core.errors import DataError
from headstart.data.conll import SUFFIXES as COLUMN_SUFFIXES
from headstart.data.conll import Conll, read_conll
from headstart.data.encoding import read_text
from headstart.data.reader import ReadOptions
from headstart.data.sentences import NamedTexts, join_words, written_without_spaces
from headstart.data.table_columns import find_columns
from headstart.data.table_file import SUFFIXES, TableFile, read_table_file
from headstart.data.text_columns import TextColumn
from headstart.data.token_rows import WORDS


def holds_several_texts(path: Path) -> bool:
    """Whether a file is a table, or holds words in columns; any other is one text."""
    return path.suffix.lower() in SUFFIXES or Conll().sniff(path) is not None


def texts_in(path: Path, reading: ReadOptions) -> InputColumn:
    """The texts of such a file, in order. Raises `DataError` where it has no column of them."""
    if path.suffix.lower() not in SUFFIXES or (path.suffix.lower() == ".tsv" and Conll().sniff(path)):
        return _words_only(path) or read_conll(path, reading).inputs
    table = read_table_file(path, delimiter=reading.delimiter)
    words = _column_of_words(table, reading)
    if words is not None:
        return _joined(table.columns[words])
    found = find_columns(list(table.columns), reading, place=path.name, modality="text")
    sides = [table.columns[name] for name in (found.input, found.pair) if name is not None]
    lists = [
        name for name in (found.input, found.pair) if name and not pa.types.is_large_string(table.columns[name].type)
    ]
    if lists:
        raise DataError(f"Column '{lists[0]}' of {path.name} holds lists in which not every entry is a word.")
    return TextColumn(*(side.fill_null("") for side in sides))


def _column_of_words(table: TableFile, reading: ReadOptions) -> str | None:
    """The column whose cells are lists of words, as named or by the usual names."""
    by_name = {name.strip().casefold(): name for name in reversed(table.columns)}
    names = [reading.text] if reading.text else [by_name[word] for word in WORDS if word in by_name]
    return next((n for n in names if n in table.columns and pa.types.is_large_list(table.columns[n].type)), None)


def _joined(cells: pa.Array) -> TextColumn:
    sentences = [[word for word in cell or () if word and word.strip()] for cell in cells.to_pylist()]
    glued = written_without_spaces([word for words in sentences for word in words])
    return TextColumn(pa.array([join_words(words, glued=glued)[0] for words in sentences], pa.large_string()))


def _words_only(path: Path) -> NamedTexts | None:
    """The texts of a file of columns that has words and no tags; None where it has more than one column."""
    if path.suffix.lower() not in COLUMN_SUFFIXES:
        return None
    lines = read_text(path)[0].splitlines()
    if any(re.search(r"\S\s+\S", line) for line in lines):
        return None
    sentences: dict[str, list[str]] = {}
    name = ""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            name = ""
            continue
        name = name or f"line {number}"
        sentences.setdefault(name, []).append(line.strip())
    if not sentences:
        return None
    glued = written_without_spaces([word for words in sentences.values() for word in words])
    texts = [join_words(words, glued=glued)[0] for words in sentences.values()]
    return NamedTexts(pa.array(texts, pa.large_string()), pa.array(list(sentences), pa.large_string()))
