from __future__ import annotations

from pathlib import Path

import numpy as np

from headstart.data.scenes import LABELS, make_scenes
from headstart.data.scenes_as_coco import write_coco
from headstart.loading import load_data


def test_scenes_come_back_as_they_are(tmp_path: Path) -> None:
    parts = {"train": make_scenes(3, seed=0), "test": make_scenes(2, seed=0, test=True)}
    dataset = load_data(write_coco(tmp_path, parts)).dataset
    assert dataset.labels == LABELS
    assert dataset.given_parts == ("train", "test")
    for boxes, scene in zip(dataset.targets, parts["train"] + parts["test"], strict=True):
        assert np.array_equal(boxes.xyxy, scene.boxes.xyxy)
        assert np.array_equal(boxes.labels, scene.boxes.labels)
        assert boxes.size == (128, 128)
