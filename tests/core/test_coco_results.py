from __future__ import annotations

import json

from headstart.core.coco_results import coco_results, coco_text
from headstart.core.prediction import Prediction

FOUND = {"label": "dog", "score": 0.5, "left": 1.0, "top": 2.0, "right": 4.0, "bottom": 8.0}


def test_records_are_those_of_coco() -> None:
    predictions = [Prediction("x/a.jpg", findings=(FOUND,)), Prediction("000000397133.jpg", findings=(FOUND, FOUND))]
    first, second, third = coco_results(predictions, ("cat", "dog"))
    assert (first["image_id"], first["category_id"], first["bbox"], first["score"]) == (1, 2, [1, 2, 3, 6], 0.5)
    assert second == third
    assert second["image_id"] == 397133
    assert json.loads(coco_text(predictions, ("cat", "dog"))) == [first, second, third]
    assert json.loads(coco_text([], ("cat",))) == []
