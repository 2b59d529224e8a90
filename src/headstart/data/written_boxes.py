"""Boxes as a file has them, before anybody has looked at the picture that they are drawn on."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from headstart.core.dataset import Dataset, Part
from headstart.core.errors import DataError
from headstart.core.ledger import Event, Ledger
from headstart.core.targets import Boxes, column_of
from headstart.data.columns import PathColumn, path_array
from headstart.data.file_names import printable
from headstart.data.parts import part_of

TASK = "object-detection"
SHOWN_PROBLEMS = 50


@dataclass(frozen=True, eq=False)
class WrittenBoxes(Boxes):
    """`size` is what the file says it is, and need not be true.

    With `relative` edges are fractions of the picture. `numbers` (M,) is what the file calls each box, a `noun` such as
    `annotation`, for people who have to find it there.
    """

    relative: bool = False
    noun: str = "object"
    numbers: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))

    def called(self, place: int) -> str:
        """`annotation 17`."""
        return f"{self.noun} {self.numbers[place] if place < len(self.numbers) else place + 1}"


def written(
    xyxy: Sequence[Sequence[float]],
    labels: Sequence[int],
    *,
    ignored: Sequence[bool] = (),
    truncated: Sequence[bool] | None = None,
    size: tuple[int, int] = (0, 0),
    relative: bool = False,
    named: tuple[str, Sequence[int]] = ("object", ()),
) -> WrittenBoxes:
    """Boxes from lists of equal length, `ignored` nowhere where it is empty; `named` is their noun and numbers."""
    count = len(labels)
    with np.errstate(over="ignore"):  # what is beyond 32 bits is infinite, and told as that once it is checked
        edges = np.array(xyxy, np.float64).astype(np.float32).reshape(count, 4)
    return WrittenBoxes(
        xyxy=edges,
        labels=np.array(labels, np.int32).reshape(count),
        ignored=np.array(ignored or [False] * count, np.bool_).reshape(count),
        truncated=None if truncated is None else np.array(truncated, np.bool_).reshape(count),
        size=size,
        relative=relative,
        noun=named[0],
        numbers=np.array(named[1] or range(1, count + 1), np.int64).reshape(count),
    )


def is_text(value: Any) -> bool:
    """Whether a value is text that can name a class: not blank, and without the half of a character of UTF-16."""
    try:
        return isinstance(value, str) and bool(value.strip()) and bool(value.encode())
    except UnicodeEncodeError:
        return False


@dataclass(frozen=True)
class Drawn:
    """One picture: its path as `PathColumn` wants it, the user's word for its part (empty for none), its boxes."""

    path: str | bytes
    word: str
    boxes: WrittenBoxes


def boxes_dataset(root: Path, drawn: Sequence[Drawn], labels: Sequence[str], events: Sequence[Event]) -> Dataset:
    """A data set of pictures below `root`. Raises `DataError` where there is nothing in it."""
    if not drawn:
        raise DataError([f"{root} holds no picture with boxes that can be used.", *map(str, Ledger.of(events).lines)])
    if not labels:
        raise DataError(f"{root} names no class: there is nothing to find.")
    paths = [one.path for one in drawn]
    texts = [path for path in paths if isinstance(path, str)]
    parts = [part_of(one.word) if one.word else Part.UNASSIGNED for one in drawn]
    return Dataset(
        task=TASK,
        labels=tuple(labels),
        inputs=PathColumn(root, path_array(texts) if len(texts) == len(paths) else pa.array(paths, pa.large_binary())),
        targets=column_of([one.boxes for one in drawn]),
        parts=np.array(parts, np.int8),
        source=str(root),
        given_parts=tuple(dict.fromkeys(one.word for one in drawn if one.word)),
        ledger=Ledger.of(events),
    )


def refuse(problems: Sequence[str], *, hint: str) -> None:
    """Raise `DataError` for all of them, where there are any; of very many the first are told one by one."""
    if problems:
        raise DataError(shortened(problems), hint=hint)


def shortened(problems: Sequence[str]) -> list[str]:
    """The problems; of very many the first, and how many more there are."""
    more = len(problems) - SHOWN_PROBLEMS
    return [*problems[:SHOWN_PROBLEMS], *([f"And {more} more of this kind."] if more > 0 else [])]


def shared_pictures(drawn: Sequence[Drawn], *, within: bool = True) -> list[str]:
    """One sentence for each picture that is there before in another part, or `within` the same one."""
    words: dict[str, str] = {}
    problems = []
    for one in drawn:
        path = os.path.normpath(os.fsdecode(one.path))
        also = words.get(path)
        if also is not None and (within or also != one.word):
            where = f"in {also} and {one.word}" if also != one.word else f"twice in {one.word}"
            problems.append(f"{printable(path)} is {where}.")
        words[path] = one.word
    return problems
