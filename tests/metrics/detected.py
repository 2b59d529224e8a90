"""Made-up objects, and what a middling detector might find of them."""

from __future__ import annotations

import numpy as np

from headstart.core.detections import Detections
from headstart.core.targets import Boxes


def made_up(seed: int, *, pictures: int = 12, classes: int = 3) -> tuple[list[Detections], list[Boxes]]:
    random = np.random.default_rng(seed)
    found, truth = [], []
    for _ in range(pictures):
        count = int(random.integers(0, 7))
        corner = random.uniform(0, 300, (count, 2))
        xyxy = np.concatenate(
            [corner, corner + random.choice([15, 50, 130], (count, 1)) * random.uniform(0.6, 1.4, (count, 2))], 1
        )
        labels = random.integers(0, classes, count)
        truth.append(Boxes(xyxy.astype(np.float32), labels.astype(np.int32), random.random(count) < 0.15))
        seen = np.flatnonzero(random.random(count) < 0.85)
        seen = np.concatenate([seen, seen[random.random(len(seen)) < 0.3]])
        near = xyxy[seen] + random.normal(0, 2, (len(seen), 4))
        wrong = random.integers(0, 4)
        corner = random.uniform(0, 300, (wrong, 2))
        boxes = np.concatenate([near, np.concatenate([corner, corner + random.uniform(5, 90, (wrong, 2))], 1)])
        named = np.concatenate([labels[seen], random.integers(0, classes, wrong)])
        scores = np.round(random.random(len(boxes)), 2)
        found.append(Detections(boxes.astype(np.float32), named.astype(np.int32), scores.astype(np.float32)))
    return found, truth
