"""A convolutional backbone of a few hundred weights, with batch norm and dropout, and items for it."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from headstart.core.card import Architecture, ModelCard
from headstart.core.dataset import Indices
from headstart.core.strategy import Rule, Strategy
from headstart.models.backbone import Backbone, Features
from headstart.tasks.image_classification import ImageClassification
from headstart.tasks.task import Model
from headstart.train.feed import Batch, target_tensor


class TinyBackbone(Backbone):
    """Two convolutions with batch norm, dropout, mean over the pixels."""

    def __init__(self, channels: int = 3, width: int = 8) -> None:
        super().__init__()
        self.card = ModelCard(id="tiny", source="test")
        self.architecture = Architecture(source="test", name="tiny")
        self.width = width
        self.first = nn.Sequential(nn.Conv2d(channels, 6, 3, padding=1), nn.BatchNorm2d(6), nn.ReLU())
        self.second = nn.Sequential(nn.Conv2d(6, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU())
        self.dropout = nn.Dropout(0.2)

    def forward(self, inputs: Tensor) -> Features:
        return Features(pooled=self.dropout(self.second(self.first(inputs))).mean((2, 3)))

    def layer_groups(self) -> Sequence[tuple[str, ...]]:
        return [
            tuple(name for name, _ in self.named_parameters() if name.startswith(part)) for part in ("first", "second")
        ]


def tiny_model(labels: int = 3, *, seed: int = 0, multi_label: bool = False) -> tuple[Model, ImageClassification]:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        backbone = TinyBackbone()
        task = ImageClassification(multi_label=multi_label)
        return Model(backbone, task.head(backbone, labels)), task


class TensorFeed:
    """Inputs that are tensors already."""

    lengths = None

    def __init__(self, inputs: Tensor, targets: np.ndarray[Any, Any]) -> None:
        self.inputs, self.targets = inputs, target_tensor(targets)
        self.seen: list[list[int]] = []

    def __len__(self) -> int:
        return len(self.inputs)

    def batches(self, chunks: Sequence[Indices], *, epoch: int, device: str) -> Generator[Batch]:
        for chunk in chunks:
            self.seen.append(chunk.tolist())
            yield Batch(self.inputs[chunk].to(device), self.targets[chunk].to(device))


def tiny_feed(items: int = 24, labels: int = 3, *, seed: int = 1) -> TensorFeed:
    generator = torch.Generator().manual_seed(seed)
    targets = np.arange(items, dtype=np.int32) % labels
    inputs = torch.randn(items, 3, 8, 8, generator=generator)
    inputs += torch.nn.functional.one_hot(torch.from_numpy(targets).long() % 3, 3)[:, :, None, None]
    return TensorFeed(inputs, targets)


def strategy(**changes: Any) -> Strategy:
    """Plain SGD at one rate, unless changed."""
    settings: dict[str, Any] = {
        "method": "test",
        "rules": (Rule(pattern="*", learning_rate=0.05),),
        "optimizer": "sgd",
        "epochs": 2,
        "batch_size": 8,
        "schedule": "constant",
    }
    return Strategy(**{**settings, **changes})


FROZEN_BODY = (Rule(pattern="backbone.*"), Rule(pattern="head.*", learning_rate=0.05))


class NormMixer(nn.Module):
    """A class with `Norm` in its name that has a layer of another kind inside."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(width))
        self.inner = nn.Linear(width, width)
        self.norm = nn.LayerNorm(width)

    def forward(self, inputs: Tensor) -> Tensor:
        mixed: Tensor = self.norm(self.inner(inputs * self.scale))
        return mixed
