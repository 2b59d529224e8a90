from __future__ import annotations

import json

import pytest

from headstart.core.coco_results import CocoIds, coco_results, coco_text
from headstart.core.errors import DataError
from headstart.core.prediction import Prediction

FOUND = {"label": "dog", "score": 0.5, "left": 1.0, "top": 2.0, "right": 4.0, "bottom": 8.0}


def test_records_are_those_of_coco() -> None:
    predictions = [Prediction("x/7.jpg", findings=(FOUND,)), Prediction("000000397133.jpg", findings=(FOUND, FOUND))]
    first, second, third = coco_results(predictions, ("cat", "dog"))
    assert (first["image_id"], first["category_id"], first["bbox"], first["score"]) == (7, 2, [1, 2, 3, 6], 0.5)
    assert second == third
    assert second["image_id"] == 397133
    assert json.loads(coco_text(predictions, ("cat", "dog"))) == [first, second, third]
    assert json.loads(coco_text([], ("cat",))) == []


@pytest.mark.parametrize("items", [("2.jpg", "b.jpg"), ("x/7.jpg", "y/7.jpg")])
def test_pictures_whose_names_are_no_numbers_of_their_own_count_from_one(items: tuple[str, ...]) -> None:
    records = coco_results([Prediction(item, findings=(FOUND,)) for item in items], ("cat", "dog"))
    assert [record["image_id"] for record in records] == [1, 2]


def test_numbers_are_those_of_an_annotation_file() -> None:
    ids = CocoIds({"a.jpg": 40, "x/a.jpg": 41}, {"cat": 5, "dog": 90}, "t.json")
    predictions = [Prediction(item, findings=(FOUND,)) for item in ("data/a.jpg", "data/x/a.jpg")]
    records = coco_results(predictions, ("cat", "dog"), ids)
    assert [(record["image_id"], record["category_id"]) for record in records] == [(40, 90), (41, 90)]
    with pytest.raises(DataError) as caught:
        coco_results([*predictions, Prediction("b.jpg")], ("cat", "cow"), ids)
    assert list(caught.value.problems) == ["t.json has no picture b.jpg.", "t.json has no category 'cow'."]
