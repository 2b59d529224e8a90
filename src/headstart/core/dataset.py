"""A labelled data set as columns: tens of bytes an item, so that millions of items fit anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from headstart.core.errors import DataError
from headstart.core.ledger import Ledger
from headstart.core.modality import Modality, modality_of

Indices = npt.NDArray[np.int64]


class Part(IntEnum):
    """The side of the split that an item is on. `UNASSIGNED` is a reader's way to say that the data came unsplit."""

    TRAIN = 0
    VALIDATION = 1
    TEST = 2
    UNASSIGNED = -1


class Stamp(NamedTuple):
    """What a file looked like from outside; while it is unchanged, what was learnt from its content still holds."""

    path: str
    size: int
    modified_ns: int


class InputColumn(Protocol):
    """The inputs of a data set, read one at a time and only when needed. Implementations live in `data/columns.py`."""

    def __len__(self) -> int: ...

    def name(self, index: int) -> str:
        """How a person knows the item: a relative path, or `row 12`."""
        ...

    def read(self, index: int) -> Any:
        """The item as stored: encoded `bytes`, or the array, picture, text or pair of texts that was given."""
        ...

    def stamp(self, index: int) -> Stamp | None:
        """The file's stamp, or None for an item that is not a file of its own."""
        ...

    def take(self, indices: Indices) -> InputColumn:
        """The column of just these items, in this order."""
        ...


@dataclass(frozen=True)
class Dataset:
    """Columns of equal length N.

    `targets` is int32 (N,) of class indices, uint8 (N, C) of 0 and 1 for multi-label data, or an array (N,) of objects
    for tasks whose targets are more than labels (`core/targets.py`). `parts` is int8 (N,) of
    `Part`; `given_parts` names the parts that came with the data, in the user's own words (`val` stays `val`).
    `groups` and `domains` are int32 (N,) codes into `group_names` and `domain_names`, or None. `content` is uint8
    (N, 16), a hash of each item's bytes that `data.scan` fills in: the identity that splits and caches go by.
    """

    task: str
    labels: tuple[str, ...]
    inputs: InputColumn
    targets: npt.NDArray[Any]
    parts: npt.NDArray[np.int8]
    source: str
    given_parts: tuple[str, ...] = ()
    groups: npt.NDArray[np.int32] | None = None
    group_names: Sequence[str] = ()
    domains: npt.NDArray[np.int32] | None = None
    domain_names: Sequence[str] = ()
    content: npt.NDArray[np.uint8] | None = None
    ledger: Ledger = field(default_factory=Ledger)

    def __len__(self) -> int:
        return len(self.inputs)

    @property
    def modality(self) -> Modality:
        """Whether the items are pictures or texts."""
        return modality_of(self.task)

    @property
    def multi_label(self) -> bool:
        """Whether an item may have any number of labels."""
        return self.targets.ndim == 2

    @property
    def structured(self) -> bool:
        """Whether what is to be predicted is more than labels: boxes, pixels or words."""
        return self.targets.dtype == object

    @property
    def pairs(self) -> bool | None:
        """Whether an item is a pair of texts; None for other items, and where none can be read to see it."""
        if self.modality != "text" or self.structured or not len(self):
            return None
        try:
            return isinstance(self.inputs.read(0), (tuple, list))
        except (DataError, OSError):  # a file that went away while the network was trained is no reason to lose that
            return None

    def presence(self) -> npt.NDArray[np.uint8]:
        """Which labels an item has anything of, (N, C) of 0 and 1: targets that are more than labels, put simply."""
        labels = len(self.labels)
        rows = [target.counts(labels) > 0 for target in self.targets]
        return np.array(rows, np.uint8).reshape(len(rows), labels)

    def simplified(self) -> Dataset:
        """The data set whose targets are the labels that an item has anything of, where they are more than labels."""
        return replace(self, targets=self.presence()) if self.structured else self

    def take(self, indices: Indices) -> Dataset:
        """The data set of just these items, in this order."""
        return replace(
            self,
            inputs=self.inputs.take(indices),
            targets=self.targets[indices],
            parts=self.parts[indices],
            groups=None if self.groups is None else self.groups[indices],
            domains=None if self.domains is None else self.domains[indices],
            content=None if self.content is None else self.content[indices],
        )

    def indices(self, *parts: Part) -> Indices:
        """Where the items of these parts are."""
        return np.flatnonzero(np.isin(self.parts, parts)).astype(np.int64)

    def part(self, *parts: Part) -> Dataset:
        """The data set of the items of these parts."""
        return self.take(self.indices(*parts))
