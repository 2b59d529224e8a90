"""Detections as COCO's evaluation server and pycocotools read them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

from headstart.core.prediction import Prediction


def coco_results(predictions: Sequence[Prediction], labels: Sequence[str]) -> list[dict[str, Any]]:
    """A record for each detection: `image_id`, `category_id`, `bbox` as left, top, width and height, `score`.

    The id of a picture is the number that its name is, as in COCO's own, else its place from 1 on, and `file_name` says
    which one it is; that of a category is the label's place from 1 on.
    """
    records = []
    for place, prediction in enumerate(predictions, 1):
        stem = PurePath(prediction.item).stem
        identity = int(stem) if stem.isascii() and stem.isdigit() else place
        for finding in prediction.findings:
            left, top, right, bottom = (float(finding[edge]) for edge in ("left", "top", "right", "bottom"))
            records.append(
                {
                    "image_id": identity,
                    "file_name": prediction.item,
                    "category_id": labels.index(str(finding["label"])) + 1,
                    "category": finding["label"],
                    "bbox": [round(edge, 3) for edge in (left, top, right - left, bottom - top)],
                    "score": round(float(finding["score"]), 6),
                }
            )
    return records


def coco_text(predictions: Sequence[Prediction], labels: Sequence[str]) -> str:
    """The records as JSON, one a line."""
    return "[\n" + ",\n".join(map(json.dumps, coco_results(predictions, labels))) + "\n]"
