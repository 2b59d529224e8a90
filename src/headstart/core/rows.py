"""A task turned into rows: what probes and transferability scores work on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Rows:
    """A task turned into rows, so that one set of numpy scores serves every task.

    `x` is float (N, D), `y` int (N,) or 0/1 (N, C); `source_probabilities` is (N, Z) where the source head is known.
    `groups` int (N,) names rows that belong together, such as those of one patient; None where every row is alone.
    """

    x: npt.NDArray[np.floating[Any]]
    y: npt.NDArray[Any]
    source_probabilities: npt.NDArray[np.floating[Any]] | None = None
    groups: npt.NDArray[np.integer[Any]] | None = None
