"""Texts and labels that are in memory already: `(texts, labels)`."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from headstart.core.dataset import Dataset, Part
from headstart.core.errors import DataError
from headstart.core.ledger import Event, Ledger
from headstart.data.arrays import labels_in_memory
from headstart.data.file_names import is_picture
from headstart.data.labels import as_text
from headstart.data.reader import ReadOptions
from headstart.data.table_labels import NO_LABEL
from headstart.data.text_columns import TextColumn
from headstart.data.text_table import NO_TEXT, TASK

LOOKED_AT = 100
HINT = "Give (texts, labels), with the texts as a list of strings, or of pairs of strings."


class TextArrays:
    """A pair of texts and labels; a list of names of pictures is left to the reader of pictures in memory."""

    name = "text-arrays"
    layout = "in memory: (texts, labels) as lists of strings, or of pairs of strings"

    def sniff(self, source: Any) -> str | None:
        """A pair of lists, the first of strings of which most are no names of pictures or files."""
        if not isinstance(source, (tuple, list)) or len(source) != 2 or not all(hasattr(s, "__len__") for s in source):
            return None
        if isinstance(source[0], (str, bytes)) or not len(source[0]):
            return None
        first = [text for text in map(_plain, islice(source[0], LOOKED_AT)) if text is not None]
        if not first or not all(map(_is_string, first)):
            return None
        single = [text for text in first if isinstance(text, str)]
        if single and 2 * sum(map(_names_a_file, single)) >= len(single):
            return None
        return "it is a pair of texts and labels"

    def read(self, source: Any, options: ReadOptions) -> Dataset:
        """Take the texts. Raises `DataError` for what is none, and where there are more or fewer labels."""
        texts, labels = source
        given = [_plain(text) for text in texts]
        wrong = [place for place, text in enumerate(given) if not (text is None or _is_string(text))]
        problems = [f"There are {len(given)} texts but {len(labels)} labels."] if len(given) != len(labels) else []
        if wrong:
            problems.append(
                f"Not a text: item {wrong[0]} ({type(given[wrong[0]]).__name__}), and {len(wrong) - 1} more."
            )
        several = {isinstance(text, tuple) for text in given if text is not None}
        problems += ["Single texts and pairs are mixed."] * (len(several) > 1)
        if problems:
            raise DataError(problems, hint=HINT)
        return _dataset(given, labels, options, pairs=several == {True})


def _dataset(given: list[Any], labels: Any, options: ReadOptions, *, pairs: bool) -> Dataset:
    sides = [[None if text is None else text[side] for text in given] for side in (0, 1)] if pairs else [given]
    columns = [as_text(pa.array(map(_clean, side), pa.large_string())) for side in sides]
    inputs = TextColumn(*columns)
    labelled = labels_in_memory(labels, options)
    there = np.all([column.is_valid().to_numpy(zero_copy_only=False) for column in columns], axis=0)
    events: list[Event] = [("skipped", NO_TEXT, inputs.name(int(row))) for row in np.flatnonzero(~there)]
    events += [("skipped", NO_LABEL, inputs.name(int(row))) for row in np.flatnonzero(there & ~labelled.given)]
    dataset = Dataset(
        task=TASK,
        labels=labelled.labels,
        inputs=inputs,
        targets=labelled.targets,
        parts=np.full(len(inputs), Part.UNASSIGNED, np.int8),
        source="texts in memory",
        ledger=Ledger.of([*labelled.events, *events]),
    )
    return dataset.take(np.flatnonzero(there & labelled.given))


def _plain(text: Any) -> Any:
    """Strings of numpy as those of Python; a missing value as None; a pair in a list as a tuple."""
    if text is None or (isinstance(text, float) and text != text):
        return None
    if isinstance(text, (list, tuple)):
        return tuple(_plain(part) for part in text)
    return str(text) if isinstance(text, np.str_) else text


def _is_string(text: Any) -> bool:
    return isinstance(text, str) or (
        isinstance(text, tuple) and len(text) == 2 and all(part is None or isinstance(part, str) for part in text)
    )


def _names_a_file(text: str) -> bool:
    if is_picture(text):
        return True
    try:
        return len(text) < LOOKED_AT and Path(text).is_file()
    except (OSError, ValueError):
        return False


def _clean(text: str | None) -> str | None:
    """Half a surrogate pair is no character."""
    return None if text is None else text.encode("utf-8", "replace").decode()


READER = TextArrays()
