"""The words that people use for the parts of a split."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from headstart.core.dataset import Part
from headstart.core.errors import DataError

WORDS: dict[str, Part] = {
    "train": Part.TRAIN,
    "training": Part.TRAIN,
    "val": Part.VALIDATION,
    "valid": Part.VALIDATION,
    "validation": Part.VALIDATION,
    "dev": Part.VALIDATION,
    "test": Part.TEST,
    "testing": Part.TEST,
}


def part_of(word: str) -> Part | None:
    """The part that a word stands for, whatever its case; None for any other word."""
    return WORDS.get(word.strip().casefold())


def in_order(words: list[str]) -> list[str]:
    """Words for parts, from training to test."""
    return sorted(words, key=lambda word: (WORDS[word.strip().casefold()], word))


def shared_parts(words: list[str]) -> list[str]:
    """One sentence for each part that more than one of the words stands for."""
    found: dict[Part, list[str]] = {}
    for word in words:
        part = part_of(word)
        if part is not None:
            found.setdefault(part, []).append(word)
    return [
        f"{' and '.join(sorted(same))} both stand for the {part.name.lower()} part: keep one of them."
        for part, same in sorted(found.items())
        if len(same) > 1
    ]


def parts_of(
    values: Any, *, place: str, names: Mapping[str, str] = MappingProxyType({})
) -> tuple[npt.NDArray[np.int8], tuple[str, ...]]:
    """int8 (N,) parts for an Arrow array of words, `UNASSIGNED` where it is null, and the words, one a part.

    `names` replaces words by others. Raises `DataError` for words that are no part; `place` says where they were found.
    """
    encoded = values.dictionary_encode()
    words = [names.get(word, word) for word in encoded.dictionary.to_pylist()]
    unknown = [word for word in words if part_of(word) is None]
    if unknown:
        shown = ", ".join(map(repr, unknown[:5])) + (", ..." if len(unknown) > 5 else "")
        raise DataError(f"{place} holds {shown}.", hint="A split has train, val and test: say which is which.")
    numbers = np.array([*map(part_of, words), Part.UNASSIGNED], np.int8)
    by_part = {part_of(word): word for word in sorted(words, reverse=True)}
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return numbers[codes], tuple(by_part[part] for part in Part if part in by_part)
