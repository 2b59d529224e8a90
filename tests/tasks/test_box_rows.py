from __future__ import annotations

import numpy as np
import torch

from headstart.core.targets import Boxes
from headstart.models.backbone import Features
from headstart.tasks.box_rows import MOST, box_rows, chosen_boxes
from tests.tasks.detectors import viewed


def boxes_of(xyxy: list[list[float]], labels: list[int], ignored: list[bool] | None = None) -> Boxes:
    flags = np.array(ignored or [False] * len(labels), np.bool_)
    return Boxes(np.array(xyxy, np.float32).reshape(-1, 4), np.array(labels, np.int32), flags)


def test_rows_are_the_means_inside_boxes() -> None:
    maps = torch.zeros(1, 1, 8, 8)
    maps[:, :, 2:4, 4:6] = 1.0
    targets = [boxes_of([[64, 32, 96, 64], [0, 64, 32, 128]], [1, 0])]
    rows = box_rows(Features(maps=(maps,)), [viewed(128, 128, shrunk=2)], targets, labels=2)
    assert rows.y.tolist() == [1, 0]
    assert rows.groups is not None
    assert rows.groups.tolist() == [0, 0]
    assert rows.x[0, 0] > 0.7
    assert rows.x[1, 0] == 0


def test_of_many_boxes_some_are_taken_and_every_class() -> None:
    random = np.random.default_rng(0)
    corner = random.uniform(0, 50, (500, 2))
    labels = [1] + [0] * 499
    many = boxes_of(np.concatenate([corner, corner + 9], 1).tolist(), labels)
    chosen = chosen_boxes(many, 2)
    assert MOST <= len(chosen) <= MOST + 2
    assert {0, 1} == set(many.labels[chosen])
    assert np.array_equal(chosen, chosen_boxes(many, 2))
    assert chosen_boxes(boxes_of([[0, 0, 1, 1]], [0], [True]), 2).tolist() == []
