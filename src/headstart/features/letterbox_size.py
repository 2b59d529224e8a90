"""How large whole pictures are as inputs: as they are, unless that would be more than pays."""

from __future__ import annotations

import numpy as np

from headstart.core.card import InputFacts
from headstart.core.dataset import InputColumn
from headstart.data.decode import open_source
from headstart.data.geometry import MULTIPLE
from headstart.data.picture import PictureError

LONGEST = 512
"""Pixels of the longer side, unless another size is asked for: time grows with its square."""
LOOKED_AT = 64
MIXED = 0.1
"""The share of pictures that stand among ones that lie, or the other way round, from which on inputs are square."""


def letterbox_facts(facts: InputFacts, inputs: InputColumn, *, side: int | None = None) -> tuple[InputFacts, str]:
    """The facts with the size that pictures are fitted into, of their usual shape, and why it is that one.

    `side` is the longer side, if the user has named one.
    """
    if facts.fixed_size:
        return facts, "the network takes no other size"
    sizes = _sizes(inputs)
    if not len(sizes):
        return facts, "no picture could be measured"
    high, wide = (float(value) for value in np.median(sizes, axis=0))
    standing = float(np.mean(sizes[:, 0] > sizes[:, 1]))
    if MIXED < standing < 1 - MIXED:
        high = wide = max(high, wide)
    longest = side or min(max(high, wide), LONGEST)
    factor = longest / max(high, wide)
    size = tuple(max(MULTIPLE, MULTIPLE * round(factor * length / MULTIPLE)) for length in (high, wide))
    shape = f"pictures are {wide:.0f} x {high:.0f} pixels" if high != wide else "pictures have several shapes"
    limit = "" if side or longest == max(high, wide) else f", and more than {LONGEST} takes long"
    return facts.model_copy(update={"size": size}), f"{shape}{limit}"


def _sizes(inputs: InputColumn) -> np.ndarray:
    """Heights and widths (M, 2) of some of the pictures, spread over all."""
    found = []
    for row in np.unique(np.linspace(0, len(inputs) - 1, min(LOOKED_AT, len(inputs))).astype(np.int64)):
        try:
            header = open_source(inputs.read(int(row))).header
        except (OSError, PictureError):
            continue
        found.append((header.height, header.width))
    return np.array(found, np.float64).reshape(-1, 2)
