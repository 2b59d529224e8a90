"""A small backbone with maps, and outputs of a detector as they would be if it knew everything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from headstart.core.card import Architecture, ModelCard
from headstart.features.letterbox import Fitted
from headstart.features.tiles import View, Viewed
from headstart.models.backbone import Backbone, Features
from headstart.tasks.box_assignment import BoxTarget
from headstart.tasks.box_head import CellOutputs, cells_of


class Maps(Backbone):
    """Three maps of strides 8, 16 and 32."""

    width = 8

    def __init__(self, strides: tuple[int, ...] = (8, 16, 32)) -> None:
        super().__init__()
        self.card = ModelCard(id="test/maps", source="test")
        self.architecture = Architecture(source="test", name="maps")
        self.strides = strides
        self.layers = nn.ModuleList(nn.Conv2d(3, 8, stride, stride) for stride in strides)

    @property
    def map_channels(self) -> tuple[int, ...]:
        return (8,) * len(self.strides)

    @property
    def map_strides(self) -> tuple[int, ...]:
        return self.strides

    def forward(self, inputs: Tensor) -> Features:
        return Features(pooled=self.layers[-1](inputs).mean((2, 3)))

    def forward_maps(self, inputs: Tensor) -> Features:
        return Features(maps=tuple(layer(inputs) for layer in self.layers))

    def layer_groups(self) -> Sequence[tuple[str, ...]]:
        return [tuple(name for name, _ in self.named_parameters())]


def all_cells(height: int, width: int, strides: Sequence[int] = (8, 16, 32)) -> Tensor:
    device = torch.device("cpu")
    return torch.cat([cells_of(height // stride, width // stride, stride, device) for stride in strides])


def target_of(
    *boxes: tuple[float, float, float, float], labels: Sequence[int] = (), ignored: Sequence[bool] = ()
) -> BoxTarget:
    count = len(boxes)
    return BoxTarget(
        torch.tensor(boxes, dtype=torch.float32).reshape(count, 4),
        torch.tensor(list(labels) or [0] * count, dtype=torch.int64),
        torch.tensor(list(ignored) or [False] * count, dtype=torch.bool),
    )


@dataclass(frozen=True)
class Known:
    """One box of a class at a place in the input."""

    xyxy: tuple[float, float, float, float]
    label: int
    score: float = 0.9


def knowing(pictures: Sequence[Sequence[Known]], *, size: tuple[int, int], labels: int) -> CellOutputs:
    """What a detector would say that finds exactly these boxes, by the cells nearest to their centres."""
    cells = all_cells(*size)
    classes = torch.full((len(pictures), len(cells), labels), -20.0)
    fit = torch.full((len(pictures), len(cells)), -20.0)
    edges = torch.ones(len(pictures), len(cells), 4)
    for row, boxes in enumerate(pictures):
        for one in boxes:
            left, top, right, bottom = one.xyxy
            place = int((cells[:, :2] - torch.tensor([(left + right) / 2, (top + bottom) / 2])).abs().sum(1).argmin())
            x, y = cells[place, :2].tolist()
            classes[row, place, one.label] = float(np.log(one.score / (1 - one.score)))
            fit[row, place] = classes[row, place, one.label]
            edges[row, place] = torch.tensor([x - left, y - top, right - x, bottom - y])
    return CellOutputs(classes, fit, edges, cells)


def viewed(height: int, width: int, *, shrunk: int = 1) -> Viewed:
    """A picture of this height and width as a network of inputs that are so many times smaller sees it."""
    pixels = np.zeros((height // shrunk, width // shrunk, 3), np.uint8)
    return Viewed((height, width), (View(Fitted(pixels, (height, width))),))
