"""What one look at every picture tells, as columns."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from headstart.core.dataset import Indices
from headstart.core.ledger import LedgerLine
from headstart.core.profile import PictureProfile
from headstart.data.duplicates import ALIKE, DISTANCE, NearDuplicates, exact_groups, near_duplicates
from headstart.data.item_facts import counts_of, spread_of
from headstart.data.picture import Header
from headstart.data.sketch import Hashes, hashes

ROW = np.dtype(
    [
        ("content", "u1", 16),
        ("bytes", "<i8"),
        ("width", "<i4"),
        ("height", "<i4"),
        ("frames", "<i4"),
        ("orientation", "u1"),
        ("depth", "u1"),
        ("transparent", "?"),
        ("mode", "S8"),
        ("format", "S8"),
        ("sketch", "i1", 64),
    ]
)
"""One picture: the fields of `data.picture.Header`, and its content hash, size in bytes and sketch."""


@dataclass(frozen=True)
class Facts:
    """`rows` is a structured array (N,) of `ROW`, in the order of the data set that `scan` returned with it.

    `unreadable` holds the pictures that are not among them, by reason.
    """

    rows: npt.NDArray[Any]
    unreadable: tuple[LedgerLine, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, indices: Indices) -> Facts:
        """The facts of just these items, in this order."""
        return replace(self, rows=self.rows[indices])

    @property
    def content(self) -> npt.NDArray[np.uint8]:
        """uint8 (N, 16): the hash of the bytes."""
        return np.ascontiguousarray(self.rows["content"])

    @property
    def hashes(self) -> Hashes:
        """uint64 (N,): the perceptual hash."""
        return hashes(self.rows["sketch"])

    @cached_property
    def first_copies(self) -> Indices:
        """int64 (N,): for each item the first one with the same bytes."""
        return exact_groups(self.content)

    @cached_property
    def near(self) -> NearDuplicates:
        """Near duplicates; each picture that is there several times is stood for by its first copy."""
        firsts = np.flatnonzero(self.first_copies == np.arange(len(self)))
        rows = self.rows[firsts]
        found = near_duplicates(rows["sketch"], shapes=rows["width"] / np.maximum(rows["height"], 1))
        return replace(found, pairs=firsts[found.pairs])

    @property
    def near_pairs(self) -> Indices:
        """int64 (P, 2): the pairs of near duplicates."""
        return self.near.pairs

    @property
    def near_search(self) -> str:
        """How near duplicates were looked for, where too many pictures share their outlines for the usual way."""
        if self.near.distance < 0:
            return "Near copies were not looked for: too many pictures share their outlines."
        if self.near.distance < DISTANCE:
            return "Only very close near copies were looked for: too many pictures share their outlines."
        if self.near.threshold > ALIKE:
            return "Many different pictures share their outlines: only near copies beyond any doubt are counted."
        return ""

    def described(self) -> dict[str, Any]:
        """Sizes, bytes and kinds of the pictures."""
        if not len(self):
            return {}
        rows = self.rows
        about = PictureProfile(
            width=spread_of(rows["width"]),
            height=spread_of(rows["height"]),
            bytes=int(rows["bytes"].sum()),
            formats=counts_of(rows["format"].astype(str)),
            modes=counts_of(rows["mode"].astype(str)),
            depths=counts_of(rows["depth"].astype(str)),
        )
        return {"pictures": about}


def row_of(header: Header, *, content: bytes, size: int) -> npt.NDArray[Any]:
    """A row (1,) without its sketch."""
    row = np.zeros(1, ROW)
    row["content"] = np.frombuffer(content, np.uint8)
    row["bytes"], row["width"], row["height"] = size, header.width, header.height
    row["frames"], row["orientation"], row["depth"] = header.frames, header.orientation, min(header.depth, 255)
    row["transparent"], row["mode"], row["format"] = header.transparent, header.mode.encode(), header.format.encode()
    return row


def header_of_row(row: Any) -> Header:
    """The header that a row was made from."""
    return Header(
        format=row["format"].decode(),
        mode=row["mode"].decode(),
        width=int(row["width"]),
        height=int(row["height"]),
        frames=int(row["frames"]),
        orientation=int(row["orientation"]),
        depth=int(row["depth"]),
        transparent=bool(row["transparent"]),
    )
