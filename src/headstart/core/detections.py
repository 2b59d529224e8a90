"""What a detector says of one picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, eq=False)
class Detections:
    """Boxes as in `core/targets.py`, float32 (M, 4) and int32 (M,), with scores float32 (M,) of 0..1, best first."""

    xyxy: npt.NDArray[np.float32]
    labels: npt.NDArray[np.int32]
    scores: npt.NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.labels)

    def best(self, count: int) -> Detections:
        """The `count` most probable ones."""
        return self.where(np.argsort(-self.scores, kind="stable")[:count])

    def above(self, score: float) -> Detections:
        """Those of at least this score."""
        return self.where(np.flatnonzero(self.scores >= score))

    def where(self, places: npt.NDArray[np.int64]) -> Detections:
        """Those at the places, in that order."""
        return Detections(self.xyxy[places], self.labels[places], self.scores[places])


def no_detections() -> Detections:
    """Of a picture in which nothing is found."""
    return Detections(np.zeros((0, 4), np.float32), np.zeros(0, np.int32), np.zeros(0, np.float32))
