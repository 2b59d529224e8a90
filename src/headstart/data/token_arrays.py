"""Texts with entities that are in memory already: `(tokens, tags)` or `(texts, entities)`."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from headstart.core.dataset import Dataset
from headstart.core.errors import DataError
from headstart.data.reader import ReadOptions
from headstart.data.tag_problems import check_entities
from headstart.data.tag_schemes import OUTSIDE, PREFIXED
from headstart.data.token_rows import columns_of, token_dataset

LOOKED_AT = 100


class TokenArrays:
    """Two lists: of lists of words and of lists of tags; or of strings and of lists of spans."""

    name = "token-arrays"
    layout = "in memory: (tokens, tags) as lists of lists of strings, or (texts, entities) with start, end and label"

    def sniff(self, source: Any) -> str | None:
        """Pairs of lists of which each two have the same length, with `O` or prefixes in the second; or of spans.

        Where there are `O` and prefixes that cannot be labels, a length may be wrong: who reads them says where.
        """
        if not isinstance(source, (tuple, list)) or len(source) != 2:
            return None
        source = [side.tolist() if _of_strings(side) else side for side in source]
        if not all(isinstance(side, (list, tuple)) and len(side) for side in source):
            return None
        pairs = [_listed(pair) for pair in islice(zip(*source, strict=False), LOOKED_AT)]
        if all(isinstance(text, str) for text, _ in pairs):
            spans = [list(own) for _, own in pairs if isinstance(own, (list, tuple))]
            rows = [{"text": text, "entities": own} for text, own in pairs]
            several = len(spans) == len(pairs) and any(spans)
            return "it is a pair of texts and their entities" if several and columns_of(rows, ReadOptions()) else None
        if not all(isinstance(side, (list, tuple)) for pair in pairs for side in pair):
            return None
        tags = {tag for _, own in pairs for tag in own}
        tagged = all(isinstance(tag, str) for tag in tags) and (tags & OUTSIDE or any(map(PREFIXED.fullmatch, tags)))
        same = all(len(words) == len(own) for words, own in pairs)
        clear = tagged and tags & OUTSIDE and any(tag[1:2] == "-" and PREFIXED.fullmatch(tag) for tag in tags)
        return "it is a pair of words and their tags" if tagged and (same or clear) else None

    def read(self, source: Any, options: ReadOptions) -> Dataset:
        """Take the words or texts. Raises `DataError` with all that do not fit."""
        first, second = _listed(source)
        if len(first) != len(second):
            raise DataError(f"There are {len(first)} texts but entities or tags of {len(second)}.")
        names = ("text", "entities") if all(isinstance(text, str) for text in first) else ("tokens", "tags")
        rows = [dict(zip(names, pair, strict=True)) for pair in zip(first, second, strict=True)]
        dataset = token_dataset(rows, options.model_copy(update=_UNNAMED), path=Path("texts in memory"))
        return dataset if options.least_classes == 1 else check_entities(dataset)


def _listed(source: Any) -> Any:
    """Arrays of strings, and lists or arrays of them, as lists; everything else as it is."""
    if _of_strings(source):
        source = source.tolist()
    return [*map(_listed, source)] if isinstance(source, (list, tuple)) else source


def _of_strings(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind in "UO"


_UNNAMED: dict[str, Any] = dict.fromkeys(("text", "label", "group", "domain", "split"))
READER = TokenArrays()
