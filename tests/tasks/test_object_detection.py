from __future__ import annotations

import numpy as np
import pytest
import torch

from headstart.core.detections import Detections, no_detections
from headstart.core.errors import OptionError
from headstart.core.targets import Boxes, column_of
from headstart.models.backbone import Features
from headstart.models.torchvision.box_head import OneStageHead
from headstart.tasks import TASKS
from headstart.tasks.object_detection import ObjectDetection
from tests.models.detector_samples import Levels, pictures, small_detector
from tests.tasks.detectors import Known, Maps, knowing, viewed

TASK = ObjectDetection()
LABELS = ("cat", "dog")


def boxes(*rows: tuple[float, ...], labels: tuple[int, ...] = ()) -> Boxes:
    count = len(rows)
    return Boxes(
        np.array(rows, np.float32).reshape(count, 4), np.array(labels or (0,) * count, np.int32), np.zeros(count, bool)
    )


def detections(*rows: tuple[float, ...], labels: tuple[int, ...] = (), scores: tuple[float, ...] = ()) -> Detections:
    there = boxes(*rows, labels=labels)
    return Detections(there.xyxy, there.labels, np.array(scores or (0.9,) * len(rows), np.float32))


def test_it_is_in_the_table() -> None:
    assert isinstance(TASKS["object-detection"](multi_label=False), ObjectDetection)
    assert TASK.head(Maps(), 2).needs == TASK.needs


def test_pictures_with_tiles_take_several_rows_of_the_outputs() -> None:
    one, other = viewed(64, 64), viewed(64, 64)
    several = type(one)(one.size, (one.views[0], one.views[0]))
    outputs = knowing([[], [Known((10, 10, 20, 20), 0)], [Known((5, 5, 30, 30), 1)]], size=(64, 64), labels=2)
    first, second = TASK.decode(outputs, [several, other])
    assert (first.labels.tolist(), second.labels.tolist()) == ([0], [1])


def test_a_detectors_own_loss_takes_no_weights_and_its_boxes_are_not_told_apart_again() -> None:
    inputs, targets = pictures(2)
    head = OneStageHead(small_detector("fcos", classes=2), stride=8)
    outputs = head(Features(maps=tuple(Levels()(inputs).values())))
    assert float(TASK.loss(outputs, targets).detach()) > 0
    with pytest.raises(OptionError, match="--class-weights: the detector's own loss knows none") as raised:
        TASK.loss(outputs, targets, class_weights=torch.ones(2), label_smoothing=0.1)
    assert len(raised.value.problems) == 2
    with torch.no_grad():
        outputs = head(Features(maps=tuple(Levels()(inputs).values())))
    found, answer = outputs.found(), TASK.decode(outputs, [viewed(64, 64), viewed(64, 64)])
    there = [int((one.boxes[:, 2:] > one.boxes[:, :2]).all(1).sum()) for one in found]
    assert [len(one.scores) for one in answer] == there


def test_numbers_of_every_class() -> None:
    targets = column_of([boxes((0, 0, 50, 50)), boxes((0, 0, 40, 40), (60, 60, 90, 90))])
    answers = [detections((0, 0, 50, 50)), detections((0, 0, 40, 40))]
    found = TASK.measure(answers, targets, labels=LABELS, part="test")
    assert found.metrics["mAP50"] == pytest.approx(67 / 101, abs=1e-6)
    assert TASK.score(answers, targets, labels=2, metric="mAP50") == found.metrics["mAP50"]
    cat, dog = found.per_class
    assert (cat.support, cat.average_precision_50) == (3, found.metrics["mAP50"])
    assert (dog.support, dog.average_precision) == (0, None)
    assert found.intervals.keys() == {"mAP", "mAP50", "mAP75"}
    assert "dog" in found.notes[0]


def test_one_score_a_picture() -> None:
    targets = column_of([boxes((0, 0, 50, 50)), boxes(), boxes(), boxes((0, 0, 9, 9))])
    answers = [detections((0, 0, 50, 50)), no_detections(), detections((1, 1, 5, 5)), no_detections()]
    assert TASK.item_scores(answers, targets, labels=2) == pytest.approx([1, 1, 0, 0])


def test_what_people_are_told() -> None:
    answer = detections((1, 2, 3, 4), (5, 6, 7, 8), labels=(1, 0), scores=(0.8, 0.2))
    (told,) = TASK.prediction("a.png", answer, None, labels=LABELS, threshold=None).findings
    assert told == {"label": "dog", "score": pytest.approx(0.8), "left": 1, "top": 2, "right": 3, "bottom": 4}
    assert len(TASK.prediction("a.png", answer, None, labels=LABELS, threshold=0.1).findings) == 2
    with pytest.raises(OptionError, match="between 0 and 1"):
        TASK.prediction("a.png", answer, None, labels=LABELS, threshold=3.0)
