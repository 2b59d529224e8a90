"""Boxes as a file has them, before anybody has looked at the picture that they are drawn on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from headstart.core.dataset import Dataset, Part
from headstart.core.errors import DataError
from headstart.core.ledger import Event, Ledger
from headstart.core.targets import Boxes, column_of
from headstart.data.columns import PathColumn, path_array
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
    return WrittenBoxes(
        xyxy=np.array(xyxy, np.float32).reshape(count, 4),
        labels=np.array(labels, np.int32).reshape(count),
        ignored=np.array(ignored or [False] * count, np.bool_).reshape(count),
        truncated=None if truncated is None else np.array(truncated, np.bool_).reshape(count),
        size=size,
        relative=relative,
        noun=named[0],
        numbers=np.array(named[1] or range(1, count + 1), np.int64).reshape(count),
    )


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
    if not problems:
        return
    more = len(problems) - SHOWN_PROBLEMS
    raise DataError([*problems[:SHOWN_PROBLEMS], *([f"And {more} more of this kind."] if more > 0 else [])], hint=hint)
