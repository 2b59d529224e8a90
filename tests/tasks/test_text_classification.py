from __future__ import annotations

import torch

from headstart.tasks import TASKS
from headstart.tasks.classification import Classification
from headstart.tasks.text_classification import TextClassification


def test_texts_are_classified_as_pictures_are() -> None:
    task = TASKS["text-classification"](multi_label=True)
    assert isinstance(task, TextClassification)
    assert isinstance(task, Classification)
    assert task.decode(torch.zeros(1, 2)).tolist() == [[0.5, 0.5]]
