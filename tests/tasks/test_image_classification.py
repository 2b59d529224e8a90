from __future__ import annotations

from headstart.tasks import TASKS
from headstart.tasks.classification import Classification
from headstart.tasks.image_classification import ImageClassification


def test_it_is_classification_under_its_name() -> None:
    task = TASKS["image-classification"]()
    assert isinstance(task, ImageClassification)
    assert isinstance(task, Classification)
    assert task.name == "image-classification"
