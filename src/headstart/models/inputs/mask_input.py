"""How large the inputs of a segmenter are: as the pictures are, unless that would take long, and in their shape."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from headstart.core.card import InputFacts, ModelInput
from headstart.core.dataset import Dataset, Part
from headstart.core.options import FitOptions
from headstart.core.strategy import Reason

LONGEST = 512
"""Pixels of the longer side, unless another size is asked for: time grows with its square."""
LOOKED_AT = 200
MIXED = 0.1
"""The share of pictures that stand among ones that lie, or the other way round, from which on inputs are square."""
MULTIPLE = 32


def mask_input(dataset: Dataset, facts: ModelInput, options: FitOptions, reasons: list[Reason]) -> ModelInput:
    """The facts with the input's size; `--image-size` is its longer side."""
    sizes = _sizes(dataset.part(Part.TRAIN))
    if not isinstance(facts, InputFacts) or facts.fixed_size or not len(sizes):
        return facts
    high, wide = (float(value) for value in np.median(sizes, axis=0))
    standing = float(np.mean(sizes[:, 0] > sizes[:, 1]))
    shape = f"pictures are {wide:.0f} x {high:.0f} pixels"
    if MIXED < standing < 1 - MIXED:
        high = wide = float(np.median(sizes.max(axis=1)))
        shape = "pictures stand and lie"
    longest = max(high, wide)
    side = float(options.image_size or min(longest, LONGEST))
    size = _rounded(side * high / longest), _rounded(side * wide / longest)
    if options.image_size is None:
        limit = f", and more than {LONGEST} takes long" if longest > LONGEST else ""
        reasons.append(Reason(choice="image size", value=f"{size[1]} x {size[0]}", why=f"{shape}{limit}"))
    return facts.model_copy(update={"size": size, "scale": min(size[0] / high, size[1] / wide)})


def _sizes(dataset: Dataset) -> npt.NDArray[np.float64]:
    """Heights and widths (M, 2) of some of the masks, spread over all."""
    chosen = np.unique(np.linspace(0, max(len(dataset) - 1, 0), min(LOOKED_AT, len(dataset))).astype(np.int64))
    sizes = []
    for row in chosen:
        mask = dataset.targets[row]
        known = getattr(mask, "size", None)  # a mask in a file knows without being read
        sizes.append(known[::-1] if known is not None else mask.pixels().shape)
    return np.array(sizes, np.float64).reshape(-1, 2)


def _rounded(side: float) -> int:
    return MULTIPLE * max(round(side / MULTIPLE), 1)
