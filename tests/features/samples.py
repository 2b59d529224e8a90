"""A tiny backbone, pictures for it, and rows for probes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from headstart.core.card import Architecture, InputFacts, ModelCard
from headstart.core.dataset import Dataset
from headstart.data.arrays import ArrayColumn
from headstart.data.scan import content_hash
from headstart.features.key import FeatureKey
from headstart.models.backbone import Backbone, Features

FACTS = InputFacts(size=(16, 16), crop_fraction=1.0)


class TinyBackbone(Backbone):
    """Two convolutions with batch norm, a residual added in place, and a count of the pictures that went through."""

    def __init__(self, width: int = 6, seed: int = 0) -> None:
        super().__init__()
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self.stem = nn.Conv2d(3, width, 3, padding=1, stride=2, bias=False)
            self.norm = nn.BatchNorm2d(width)
            self.act = nn.ReLU(inplace=True)
            self.body = nn.Conv2d(width, width, 3, padding=1)
            self.body_norm = nn.BatchNorm2d(width)
            for norm in (self.norm, self.body_norm):
                nn.init.normal_(norm.weight, 1, 0.2)
                nn.init.normal_(norm.bias, 0, 0.2)
                norm.running_mean.normal_(0, 0.2)
                norm.running_var.uniform_(0.5, 2)
        self.width = width
        self.card = ModelCard(id="test/tiny", source="test")
        self.architecture = Architecture(source="test", name="tiny", arguments={"width": width})

    def forward(self, inputs: Tensor) -> Features:
        first = self.act(self.norm(self.stem(inputs)))
        second = self.body_norm(self.body(first))
        second += first
        return Features(pooled=self.act(second).mean((2, 3)))

    def layer_groups(self) -> Sequence[tuple[str, ...]]:
        return [tuple(name for name, _ in self.named_parameters())]


class StagedBackbone(TinyBackbone):
    """Gives the mean of what comes out of its first layer, too."""

    def __init__(self, width: int = 6, seed: int = 0) -> None:
        super().__init__(width, seed)
        self.stage_width = 2 * width

    def forward_stages(self, inputs: Tensor) -> Features:
        first = self.act(self.norm(self.stem(inputs)))
        early = first.mean((2, 3))
        second = self.body_norm(self.body(first))
        second += first
        pooled = self.act(second).mean((2, 3))
        return Features(pooled=pooled, stages=torch.cat([early, pooled], dim=1))


def pictures(count: int, *, seed: int = 0) -> npt.NDArray[np.uint8]:
    """(N, 16, 16, 3) of noise."""
    return np.random.default_rng(seed).integers(0, 256, (count, 16, 16, 3), dtype=np.uint8)


def dataset_of(images: npt.NDArray[np.uint8]) -> Dataset:
    """The pictures as a scanned data set of one class."""
    hashes = [np.frombuffer(content_hash(image), np.uint8) for image in images]
    return Dataset(
        task="image-classification",
        labels=("thing",),
        inputs=ArrayColumn(images),
        targets=np.zeros(len(images), np.int32),
        parts=np.zeros(len(images), np.int8),
        source="test",
        content=np.stack(hashes) if hashes else np.zeros((0, 16), np.uint8),
    )


def key_of(*, width: int = 4, model: str = "test/tiny") -> FeatureKey:
    """A key whose other facts do not matter."""
    return FeatureKey(
        model=model,
        revision="",
        weights="0" * 32,
        architecture=Architecture(source="test", name="tiny"),
        input=FACTS,
        view="plain",
        decoding=1,
        precision="float32",
        width=width,
    )


def contents(count: int, *, start: int = 0) -> npt.NDArray[np.uint8]:
    """(N, 16) different hashes."""
    generator = np.random.default_rng(7)
    return generator.integers(0, 256, (start + count, 16), dtype=np.uint8)[start:]


def rows_of(count: int, *, width: int = 4, seed: int = 0) -> npt.NDArray[np.float32]:
    """(N, D) normal numbers."""
    return np.random.default_rng(seed).standard_normal((count, width)).astype(np.float32)


def classes(count: int, *, width: int = 6, labels: int = 3, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Features (N, D) of unequal scales, and classes (N,) that a linear classifier can mostly tell from them."""
    generator = np.random.default_rng(seed)
    x = generator.standard_normal((count, width))
    scores = x @ generator.standard_normal((width, labels)) + generator.gumbel(size=(count, labels))
    scales = np.logspace(-1, 1, width)
    return (x * scales + 3 * scales).astype(np.float32), scores.argmax(axis=1).astype(np.int32)


def label_sets(count: int, *, width: int = 6, labels: int = 3, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Features (N, D) and labels (N, C) of 0 and 1."""
    generator = np.random.default_rng(seed)
    x = generator.standard_normal((count, width)).astype(np.float32)
    scores = x @ generator.standard_normal((width, labels)) + generator.logistic(size=(count, labels))
    return x, (scores > 0).astype(np.uint8)
