"""What is to be predicted of an item where that is more than labels: boxes, the class of each pixel, entities.

A data set of such a task holds one of these objects an item, in an array of objects (N,).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Any, Protocol, Self

import numpy as np
import numpy.typing as npt

IGNORED = -1
"""The class of a pixel that is neither learnt nor counted."""
NO_ENTITY = 0
"""The tag of a word outside all entities."""


class Target(Protocol):
    """What is known of one item. Labels are places in the data set's `labels`."""

    def counts(self, labels: int) -> npt.NDArray[np.int64]:
        """How much of each label there is, (C,): boxes, pixels or entities."""
        ...

    def renumbered(self, places: npt.NDArray[np.int32]) -> Self:
        """The same with label `l` called `places[l]`: what joining parts, or matching a model's labels, takes."""
        ...

    def digest(self) -> bytes:
        """16 bytes that identify the content."""
        ...


@dataclass(frozen=True, eq=False)
class Boxes:
    """The objects of one picture.

    `xyxy` is float32 (M, 4): left, top, right and bottom edges in pixels of the upright picture, 0 at the outer edge of
    the first pixel. `labels` is int32 (M,). `ignored` is bool (M,): crowds and difficult objects, which are neither
    learnt nor counted as missed. `truncated` is bool (M,), where the data say so. `size` is the width and height of the
    picture, zeros where they are not known.
    """

    xyxy: npt.NDArray[np.float32]
    labels: npt.NDArray[np.int32]
    ignored: npt.NDArray[np.bool_]
    truncated: npt.NDArray[np.bool_] | None = None
    size: tuple[int, int] = (0, 0)

    def __len__(self) -> int:
        return len(self.labels)

    def counts(self, labels: int) -> npt.NDArray[np.int64]:
        """Boxes of each label, (C,), without ignored ones."""
        return np.bincount(self.labels[~self.ignored], minlength=labels).astype(np.int64)

    def renumbered(self, places: npt.NDArray[np.int32]) -> Boxes:
        """The same boxes with other numbers for their labels."""
        return replace(self, labels=places[self.labels].astype(np.int32))

    def digest(self) -> bytes:
        """16 bytes that identify the content."""
        return _digest(self.xyxy, self.labels, self.ignored)


class Mask(Protocol):
    """The class of each pixel of one picture, read only when needed. Implementations live in `data/`."""

    def pixels(self) -> npt.NDArray[np.int16]:
        """(H, W) of the upright picture: places of labels, or `IGNORED`. Raises `DataError` where it cannot be read."""
        ...

    def counts(self, labels: int) -> npt.NDArray[np.int64]:
        """Pixels of each label, (C,)."""
        ...

    def renumbered(self, places: npt.NDArray[np.int32]) -> Mask:
        """The same mask with other numbers for its labels."""
        ...

    def digest(self) -> bytes:
        """16 bytes that identify the content."""
        ...


@dataclass(frozen=True, eq=False)
class Entities:
    """The words of one text and their tags.

    `words` is int32 (W, 2): where each word starts and ends in the text. `tags` is int32 (W,): `NO_ENTITY`, 1 + 2l for
    the first word of an entity of label l, 2 + 2l for one that goes on with it; every sequence is a legal one.
    """

    words: npt.NDArray[np.int32]
    tags: npt.NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.tags)

    def counts(self, labels: int) -> npt.NDArray[np.int64]:
        """Entities of each label, (C,)."""
        first = self.tags[self.tags % 2 == 1]
        return np.bincount((first - 1) // 2, minlength=labels).astype(np.int64)

    def renumbered(self, places: npt.NDArray[np.int32]) -> Entities:
        """The same words with other numbers for their labels."""
        inside = self.tags > NO_ENTITY
        tags = self.tags.copy()
        tags[inside] = 2 * places[(self.tags[inside] - 1) // 2] + 1 + (self.tags[inside] - 1) % 2
        return replace(self, tags=tags)

    def digest(self) -> bytes:
        """16 bytes that identify the content."""
        return _digest(self.words, self.tags)


def column_of(targets: list[Any]) -> npt.NDArray[np.object_]:
    """An array of objects (N,), also where the objects are sequences of one length."""
    column = np.empty(len(targets), dtype=object)
    column[:] = targets
    return column


def _digest(*arrays: npt.NDArray[Any]) -> bytes:
    found = hashlib.blake2b(digest_size=16)
    for array in arrays:
        found.update(f"{array.dtype}{array.shape}".encode())
        found.update(np.ascontiguousarray(array).tobytes())
    return found.digest()
