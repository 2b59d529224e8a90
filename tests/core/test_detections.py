from __future__ import annotations

import numpy as np

from headstart.core.detections import Detections, no_detections


def test_the_best_and_those_above_a_score() -> None:
    found = Detections(
        np.zeros((3, 4), np.float32), np.arange(3, dtype=np.int32), np.array([0.2, 0.9, 0.5], np.float32)
    )
    assert found.best(2).labels.tolist() == [1, 2]
    assert found.above(0.5).labels.tolist() == [1, 2]
    assert len(no_detections().best(5)) == 0
