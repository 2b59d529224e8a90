"""What one look at every text tells, as columns."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from headstart.core.dataset import Indices
from headstart.core.ledger import LedgerLine
from headstart.core.profile import TextProfile
from headstart.data.duplicates import exact_groups
from headstart.data.item_facts import counts_of, spread_of

ROW = np.dtype(
    [
        ("content", "u1", 16),
        ("likeness", "u1", 16),
        ("characters", "<i8"),
        ("words", "<i8"),
        ("pair", "?"),
        ("encoding", "S12"),
    ]
)
"""One text: two hashes (`data.text`), its length in characters and in words, and what its file was encoded in."""


@dataclass(frozen=True)
class TextFacts:
    """`rows` is a structured array (N,) of `ROW`, in the order of the data set that the scan returned with it."""

    rows: npt.NDArray[Any]
    unreadable: tuple[LedgerLine, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, indices: Indices) -> TextFacts:
        """The facts of just these items, in this order."""
        return replace(self, rows=self.rows[indices])

    @property
    def content(self) -> npt.NDArray[np.uint8]:
        """uint8 (N, 16): the hash of the characters."""
        return np.ascontiguousarray(self.rows["content"])

    @cached_property
    def first_copies(self) -> Indices:
        """int64 (N,): for each item the first one with the same text."""
        return exact_groups(self.content)

    @cached_property
    def near_pairs(self) -> Indices:
        """int64 (P, 2): each text and the first that differs from it in case, spaces or punctuation only."""
        firsts = np.flatnonzero(self.first_copies == np.arange(len(self))).astype(np.int64)
        alike = firsts[exact_groups(np.ascontiguousarray(self.rows["likeness"][firsts]))]
        pairs: Indices = np.stack([alike, firsts], axis=1)
        found: Indices = pairs[alike != firsts]
        return found

    @property
    def near_search(self) -> str:
        """Nothing: texts are always compared in the same way."""
        return ""

    def described(self) -> dict[str, Any]:
        """How long the texts are, and what they were encoded in."""
        if not len(self):
            return {}
        about = TextProfile(
            characters=spread_of(self.rows["characters"]),
            words=spread_of(self.rows["words"]),
            pairs=bool(self.rows["pair"].any()),
            encodings=counts_of(self.rows["encoding"].astype(str)),
        )
        return {"texts": about}
