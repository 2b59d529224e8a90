"""Boxes around objects: by a detector's own head, or by a light one on any backbone that gives feature maps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from torch import Tensor, nn

from headstart.core.detections import Detections
from headstart.core.errors import OptionError
from headstart.core.evaluation import ClassRow, Evaluation
from headstart.core.prediction import Prediction
from headstart.core.rows import Rows
from headstart.core.targets import Boxes
from headstart.metrics.mean_average_precision import Detected
from headstart.models.backbone import Backbone, Features
from headstart.models.networks.detector import DetectorOutputs
from headstart.tasks.box_decoding import decode_boxes, decode_views
from headstart.tasks.box_head import BoxHead, CellOutputs
from headstart.tasks.box_loss import box_loss
from headstart.tasks.box_rows import box_rows

SHOWN = 0.3
"""The score from which on a detection is told, unless a threshold is given."""
FEW = 10


class ObjectDetection:
    """What a detector is, how it learns, and how good it is."""

    name = "object-detection"
    item_metric = "mAP50 a picture"
    needs: Literal["pooled", "maps", "tokens"] = "maps"

    def __init__(self, *, multi_label: bool = False) -> None:
        del multi_label

    def head(self, backbone: Backbone, labels: int) -> nn.Module:
        """The head that a detector came with; for any other backbone, a pyramid and light towers.

        Raises `ModelError` for a backbone without feature maps.
        """
        return backbone.own_head(labels) or BoxHead(backbone, labels)

    def loss(
        self,
        outputs: CellOutputs | DetectorOutputs,
        targets: Any,
        *,
        class_weights: Tensor | None = None,
        label_smoothing: float = 0.0,
    ) -> Tensor:
        """The mean over the cells that are to find a box, or a detector's own loss; targets are a tuple of `BoxTarget`.

        Raises `OptionError` where a detector's own loss has no place for class weights or label smoothing.
        """
        if isinstance(outputs, CellOutputs):
            return box_loss(outputs, targets, class_weights=class_weights, label_smoothing=label_smoothing)
        given = ["--class-weights"] if class_weights is not None else []
        given += ["--label-smoothing"] if label_smoothing else []
        if given:
            raise OptionError([f"{option}: the detector's own loss knows none." for option in given])
        return outputs.loss(targets)

    def decode(self, outputs: CellOutputs | DetectorOutputs, items: Sequence[Any]) -> list[Detections]:
        """Detections in pixels of the original pictures; `items` are `features.tiles.Viewed`."""
        if isinstance(outputs, CellOutputs):
            found, repeats = [decode_boxes(outputs, row) for row in range(len(outputs.classes))], True
        else:
            found, repeats = outputs.found(), outputs.head.repeats
        answers, row = [], 0
        for item in items:
            count = len(item.views)
            answers.append(decode_views(found[row : row + count], item.views, size=item.size, repeats=repeats))
            row += count
        return answers

    def score(self, answers: Sequence[Any], targets: npt.NDArray[Any], *, labels: int, metric: str) -> float:
        """Mean average precision; 0 where there is nothing to find."""
        return Detected(answers, list(targets), labels).once.metrics().get(metric, 0.0)

    def measure(
        self, answers: Sequence[Any], targets: npt.NDArray[Any], *, labels: Sequence[str], part: str
    ) -> Evaluation:
        """All means and those of each class, with intervals over pictures."""
        detected = Detected(answers, list(targets), len(labels))
        intervals = detected.intervals()
        support: npt.NDArray[np.int64] = np.zeros(len(labels), np.int64)
        for boxes in targets:
            support += boxes.counts(len(labels))
        whole, at_half = detected.once.per_class()
        rows = tuple(
            ClassRow(
                label=label, support=int(count), average_precision=_number(mean), average_precision_50=_number(half)
            )
            for label, count, mean, half in zip(labels, support, whole, at_half, strict=True)
        )
        return Evaluation(
            part=part,
            items=len(answers),
            metrics=detected.once.metrics(),
            intervals=intervals,
            resampled=f"{len(answers)} pictures" if intervals else "",
            per_class=rows,
            notes=tuple(_notes(labels, support, len(answers))),
        )

    def prediction(
        self, name: str, answer: Any, raw: Any, *, labels: Sequence[str], threshold: float | None
    ) -> Prediction:
        """Detections of at least the threshold, best first. Raises `OptionError` for one outside 0 to 1."""
        del raw
        least = SHOWN if threshold is None else threshold
        if not 0 <= least <= 1:
            raise OptionError(f"--threshold {threshold}: scores lie between 0 and 1.")
        shown = answer.above(least)
        edges = ("left", "top", "right", "bottom")
        findings = tuple(
            {"label": labels[label], "score": float(score)} | dict(zip(edges, map(float, box), strict=True))
            for box, label, score in zip(shown.xyxy, shown.labels, shown.scores, strict=True)
        )
        return Prediction(name, findings=findings)

    def item_scores(self, answers: Sequence[Any], targets: npt.NDArray[Any], *, labels: int) -> npt.NDArray[np.float64]:
        """(N,): the mean average precision at overlap 0.5 within each picture, over the classes that are in it."""
        return np.array([_picture_score(*pair, labels) for pair in zip(answers, targets, strict=True)], np.float64)

    def probe(self, features: Features, items: Sequence[Any], targets: npt.NDArray[Any], *, labels: int) -> Rows:
        """A row for each box: the means of the maps' cells in it."""
        return box_rows(features, items, list(targets), labels=labels)


def _picture_score(answer: Detections, boxes: Boxes, labels: int) -> float:
    if not boxes.counts(labels).any():
        return float(not len(answer.above(SHOWN)) or boxes.ignored.any())
    return Detected([answer], [boxes], labels).once.metrics()["mAP50"]


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _notes(labels: Sequence[str], support: npt.NDArray[np.int64], pictures: int) -> list[str]:
    missing = [label for label, count in zip(labels, support, strict=True) if not count]
    few = [label for label, count in zip(labels, support, strict=True) if 0 < count < FEW]
    notes = [f"No box is of {', '.join(missing)}: means over classes leave that out."] if missing else []
    notes += [f"Fewer than {FEW} boxes are of {', '.join(few)}: their numbers are rough."] if few else []
    return notes + (["There are no intervals: they take at least two pictures."] if pictures < 2 else [])
