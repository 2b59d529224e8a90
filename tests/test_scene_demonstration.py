"""The demonstration on scenes: its data, and that every arm is measured on the same ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from headstart.core.errors import OptionError
from headstart.data.scenes import LABELS, MASK_LABELS, make_scenes
from headstart.loading import load_data
from headstart.scene_demonstration import ARMS, SCENES, TEST, WRITERS, demonstrate_scenes


def test_scenes_as_masks(tmp_path: Path) -> None:
    scenes = make_scenes(3, seed=0, options=SCENES)
    data = load_data(WRITERS["semantic-segmentation"](tmp_path, {"train": scenes, "test": scenes[:1]}))
    assert data.dataset.labels == MASK_LABELS
    assert len(data) == 4
    assert (data.dataset.targets[0].pixels() == scenes[0].mask).all()


def test_scenes_as_boxes(tmp_path: Path) -> None:
    scenes = make_scenes(3, seed=0, options=SCENES)
    data = load_data(WRITERS["object-detection"](tmp_path, {"train": scenes, "test": scenes[:1]}))
    assert data.dataset.labels == LABELS
    assert (data.dataset.targets[0].xyxy == scenes[0].boxes.xyxy).all()


@pytest.mark.parametrize(("task", "metric"), [("semantic-segmentation", "mean_iou"), ("object-detection", "mAP")])
def test_every_arm_is_measured(task: str, metric: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headstart.scene_demonstration.TEST", 4)
    shown = demonstrate_scenes(tmp_path / "demo", task=task, scenes=8, shorter=50)
    assert set(shown.reached) == set(shown.intervals) == set(shown.seconds) == set(ARMS)
    assert (shown.task, shown.metric) == (task, metric)
    assert all(0 <= value <= 1 for value in shown.reached.values())
    assert shown.run.record.items == {"train": 8, "validation": 0, "test": 4}
    assert TEST == 100


def test_a_task_without_scenes(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="semantic-segmentation"):
        demonstrate_scenes(tmp_path, task="text-classification")
