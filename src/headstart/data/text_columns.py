"""Texts in memory as a column of a data set: an Arrow column, or two of them for pairs."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from headstart.core.dataset import Indices, Stamp
from headstart.data.text import Text


class TextColumn:
    """Texts in an Arrow column of strings; with `pairs`, each item is a pair of texts.

    `rows` are the places of the items in the table that they were read from, counted from 0.
    """

    def __init__(self, texts: pa.Array, pairs: pa.Array | None = None, *, rows: Indices | None = None) -> None:
        self.texts, self.pairs = texts, pairs
        self.rows = np.arange(len(texts), dtype=np.int64) if rows is None else rows

    def __len__(self) -> int:
        return len(self.texts)

    def name(self, index: int) -> str:
        """The row in the table, counted from 1 as people do."""
        return f"row {self.rows[index] + 1}"

    def read(self, index: int) -> Text:
        """The text, or the pair."""
        text: str = self.texts[int(index)].as_py()
        return text if self.pairs is None else (text, self.pairs[int(index)].as_py())

    def stamp(self, index: int) -> Stamp | None:
        """None: these are not files."""
        del index
        return None

    def take(self, indices: Indices) -> TextColumn:
        """The column of just these items, in this order."""
        chosen = pa.array(indices)
        pairs = None if self.pairs is None else self.pairs.take(chosen)
        return TextColumn(self.texts.take(chosen), pairs, rows=self.rows[indices])
