from __future__ import annotations

import contextlib
import io

import numpy as np
import pytest

from headstart.core.detections import Detections
from headstart.core.targets import Boxes
from headstart.metrics.mean_average_precision import Detected
from tests.metrics.detected import made_up


def by_pycocotools(found: list[Detections], truth: list[Boxes], classes: int) -> np.ndarray:
    """(T, R, K, A, M) precisions, as COCO's own program has them."""
    coco, evaluation = pytest.importorskip("pycocotools.coco"), pytest.importorskip("pycocotools.cocoeval")
    real = coco.COCO()
    annotations, results = [], []
    for image, (boxes, detections) in enumerate(zip(truth, found, strict=True), 1):
        for box, label, ignored in zip(boxes.xyxy.astype(float), boxes.labels, boxes.ignored, strict=True):
            size = [box[2] - box[0], box[3] - box[1]]
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": image,
                    "category_id": int(label),
                    "iscrowd": int(ignored),
                    "bbox": [box[0], box[1], *size],
                    "area": size[0] * size[1],
                }
            )
        for box, label, score in zip(detections.xyxy.astype(float), detections.labels, detections.scores, strict=True):
            bbox = [box[0], box[1], box[2] - box[0], box[3] - box[1]]
            results.append({"image_id": image, "category_id": int(label), "bbox": bbox, "score": float(score)})
    real.dataset = {
        "info": {},
        "images": [{"id": image} for image in range(1, len(truth) + 1)],
        "categories": [{"id": label, "name": str(label)} for label in range(classes)],
        "annotations": annotations,
    }
    with contextlib.redirect_stdout(io.StringIO()):
        real.createIndex()
        run = evaluation.COCOeval(real, real.loadRes(results), "bbox")
        run.evaluate()
        run.accumulate()
        run.summarize()
    return run.stats


@pytest.mark.parametrize("seed", range(6))
def test_the_numbers_are_those_of_pycocotools(seed: int) -> None:
    found, truth = made_up(seed)
    stats = by_pycocotools(found, truth, 3)
    ours = Detected(found, truth, 3).once.metrics()
    for place, name in enumerate(("mAP", "mAP50", "mAP75", "mAP_small", "mAP_medium", "mAP_large")):
        assert ours.get(name, -1) == pytest.approx(stats[place], abs=1e-6), name


def test_weights_count_a_picture_several_times() -> None:
    found, truth = made_up(3)
    weights = np.random.default_rng(0).integers(0, 3, len(truth))
    again = np.repeat(np.arange(len(truth)), weights)
    repeated = Detected([found[place] for place in again], [truth[place] for place in again], 3)
    ours = Detected(found, truth, 3).weighted(weights.astype(float))
    # Detections of one score come in another order among copies.
    assert np.nanmax(np.abs(ours.precision - repeated.once.precision)) < 0.05


def test_perfect_detections_score_one() -> None:
    truth = made_up(1)[1]
    found = [
        Detections(b.xyxy[~b.ignored], b.labels[~b.ignored], np.ones(int((~b.ignored).sum()), np.float32))
        for b in truth
    ]
    detected = Detected(found, truth, 3)
    assert detected.once.metrics()["mAP"] == pytest.approx(1)
    assert detected.intervals()["mAP"][1] == 1
    assert 0.5 < detected.intervals()["mAP"][0] < 1


def test_intervals_hold_the_value_and_shrink_with_more_pictures() -> None:
    few, many = Detected(*made_up(5, pictures=10), 3), Detected(*made_up(5, pictures=80), 3)
    widths = []
    for detected in (few, many):
        low, high = detected.intervals()["mAP50"]
        assert low < detected.once.metrics()["mAP50"] < high
        widths.append(high - low)
    assert widths[1] < widths[0] / 1.7
    assert Detected(*made_up(5, pictures=1), 3).intervals() == {}
    pairs = many.intervals(units=np.arange(80) // 40)
    assert pairs["mAP50"][1] - pairs["mAP50"][0] > widths[1]


def test_a_class_that_is_not_there_has_no_number() -> None:
    found, truth = made_up(2, classes=2)
    scored = Detected(found, truth, 3).once
    whole, at_50 = scored.per_class()
    assert np.isnan(whole[2])
    assert (at_50[:2] >= whole[:2]).all()
    assert scored.metrics()["mAP"] == pytest.approx(whole[:2].mean())
