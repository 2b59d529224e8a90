"""Learning labels of pictures; `tests/test_pretraining.py` has it from beginning to end."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from headstart.core.dataset import Dataset, Part
from headstart.core.pretraining import PretrainOptions
from headstart.data.arrays import ArrayColumn
from headstart.objectives.classification import OBJECTIVE


def pictures(held_out: int) -> Dataset:
    count = 8 + held_out
    return Dataset(
        task="image-classification",
        labels=("a", "b"),
        inputs=ArrayColumn(np.zeros((count, 8, 8, 3), np.uint8)),
        targets=(np.arange(count) % 2).astype(np.int32),
        parts=np.where(np.arange(count) < 8, Part.TRAIN, Part.TEST).astype(np.int8),
        source="made-up",
    )


OPTIONS = PretrainOptions(architecture="test_resnet", image_size=32).settled("image")


def test_what_is_measured_is_held_out() -> None:
    lesson = OBJECTIVE.begin(pictures(4), OPTIONS)
    assert (len(lesson.feed), lesson.labels) == (8, 2)
    wanted = torch.tensor([0, 1, 0, 1])
    measured = lesson.measure(lambda inputs: torch.eye(2)[wanted[: len(inputs)]] * 30, device="cpu")
    assert measured["accuracy"] == 1
    assert measured["log_loss"] == pytest.approx(0, abs=1e-6)


def test_without_held_out_pictures_nothing_is_measured() -> None:
    assert OBJECTIVE.begin(pictures(0), OPTIONS).measure(lambda inputs: inputs, device="cpu") == {}
