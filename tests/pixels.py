"""A small task whose targets are more than labels, and data for it: bright rectangles on dark noise, pixel by pixel."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch import Tensor, nn

from headstart.core.card import InputFacts
from headstart.core.dataset import Dataset, Part
from headstart.core.evaluation import Evaluation
from headstart.core.prediction import Prediction
from headstart.core.rows import Rows
from headstart.core.strategy import Strategy
from headstart.core.targets import column_of
from headstart.data import target_checks
from headstart.data.columns import ArrayColumn
from headstart.features import preparation
from headstart.features.letterbox import LetterboxPreparation
from headstart.methods import suited
from headstart.models.backbone import Backbone, Features
from headstart.tasks import TASKS
from headstart.train import feeds
from headstart.train.dense_feed import VARIATIONS, DenseFeed, DenseSettings
from headstart.train.placement import Placement, place_mask

TASK = "semantic-segmentation"
"""The real one is put out of the way while the small one stands in for it."""
CLASSES = ("ground", "box")
SIDE = 64


class Pixels:
    """A mask in memory."""

    def __init__(self, classes: npt.NDArray[np.int16]) -> None:
        self.classes = classes

    def pixels(self) -> npt.NDArray[np.int16]:
        return self.classes

    def counts(self, labels: int) -> npt.NDArray[np.int64]:
        return np.bincount(self.classes.ravel(), minlength=labels).astype(np.int64)

    def renumbered(self, places: npt.NDArray[np.int32]) -> Pixels:
        return Pixels(places[self.classes].astype(np.int16))

    def digest(self) -> bytes:
        return hashlib.blake2b(self.classes.tobytes(), digest_size=16).digest()


class Head(nn.Module):
    """Every cell of the finest map is classified on its own."""

    needs = "maps"

    def __init__(self, channels: int, labels: int) -> None:
        super().__init__()
        self.cells = nn.Conv2d(channels, labels, 1)

    def forward(self, features: Features) -> Tensor:
        assert features.maps is not None
        scores: Tensor = self.cells(features.maps[0])
        return scores


class PixelTask:
    """Cross-entropy over pixels; what it is measured by is the share of right ones."""

    name = TASK
    item_metric = "share of right pixels"
    needs = "maps"

    def __init__(self, *, multi_label: bool = False) -> None:
        del multi_label

    def head(self, backbone: Backbone, labels: int) -> nn.Module:
        return Head(backbone.map_channels[0], labels)

    def loss(
        self, outputs: Tensor, targets: Any, *, class_weights: Tensor | None = None, label_smoothing: float = 0.0
    ) -> Tensor:
        del label_smoothing
        wanted = torch.stack(targets)
        scores = nn.functional.interpolate(outputs, wanted.shape[1:], mode="bilinear")
        return nn.functional.cross_entropy(scores, wanted, weight=class_weights, ignore_index=-1)

    def decode(self, outputs: Tensor, items: Sequence[Any]) -> list[Any]:
        found = []
        for scores, item in zip(outputs, items, strict=True):
            enlarged = nn.functional.interpolate(scores[None], scale_factor=4.0, mode="bilinear")[0]
            high, wide = item.pixels.shape[:2]
            part = nn.functional.interpolate(enlarged[None, :, :high, :wide], item.size, mode="bilinear")[0]
            found.append(part.argmax(0).cpu().numpy().astype(np.int16))
        return found

    def score(self, answers: Sequence[Any], targets: npt.NDArray[Any], *, labels: int, metric: str) -> float:
        del labels, metric
        pairs = zip(answers, targets, strict=True)
        return float(np.mean([(answer == target.pixels()).mean() for answer, target in pairs]))

    def measure(
        self, answers: Sequence[Any], targets: npt.NDArray[Any], *, labels: Sequence[str], part: str
    ) -> Evaluation:
        value = self.score(answers, targets, labels=len(labels), metric="pixel_accuracy")
        return Evaluation(part=part, items=len(answers), metrics={"pixel_accuracy": value})

    def item_scores(self, answers: Sequence[Any], targets: npt.NDArray[Any], *, labels: int) -> npt.NDArray[np.float64]:
        del labels
        pairs = zip(answers, targets, strict=True)
        return np.array([(answer == target.pixels()).mean() for answer, target in pairs], np.float64)

    def probe(self, features: Features, items: Sequence[Any], targets: npt.NDArray[Any], *, labels: int) -> Rows:
        """Four cells of each class."""
        assert features.maps is not None
        x, y, owners = [], [], []
        for place, (cells, target) in enumerate(zip(features.maps[0], targets, strict=True)):
            classes = target.pixels()[2::4, 2::4]
            for label in range(labels):
                for row, column in list(zip(*np.nonzero(classes == label), strict=True))[:4]:
                    x.append(cells[:, row, column].cpu().numpy())
                    y.append(label)
                    owners.append(place)
        return Rows(np.array(x, np.float32), np.array(y, np.int64), groups=np.array(owners, np.int64))

    def prediction(
        self, name: str, answer: Any, raw: Any, *, labels: Sequence[str], threshold: float | None
    ) -> Prediction:
        del raw, threshold
        counts = np.bincount(answer.ravel(), minlength=len(labels))
        found = [
            {"label": label, "pixels": int(count), "share": float(count / answer.size)}
            for label, count in zip(labels, counts, strict=True)
        ]
        return Prediction(name, findings=tuple(found), mask=answer)


class Unchecked:
    """Everything is in order."""

    def check(self, dataset: Dataset, facts: Any) -> tuple[Dataset, Any]:
        return dataset, facts

    def described(self, dataset: Dataset, facts: Any) -> dict[str, Any]:
        return {}


CHECK = Unchecked()


def _strategy(strategy: Strategy, situation: Any) -> Strategy:
    del situation
    return strategy.model_copy(update={"solver": "gradient", "epochs": 3, "batch_size": 4, "train_size": None})


def _feed(part: Dataset, network: Any, facts: Any, strategy: Strategy, seed: int) -> DenseFeed:
    del network

    def place(mask: Any, placement: Placement) -> Tensor:
        return torch.from_numpy(place_mask(mask.pixels(), placement).astype(np.int64))

    settings = DenseSettings(facts, VARIATIONS[strategy.augmentation], strategy.train_size, seed)
    return DenseFeed(part.inputs, part.targets, settings, place)


def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the small task in the place of the real one."""
    monkeypatch.setitem(TASKS.built_in, TASK, f"{__name__}:PixelTask")
    monkeypatch.setitem(target_checks.CHECKS.built_in, TASK, f"{__name__}:CHECK")
    monkeypatch.setitem(preparation.PREPARATIONS, TASK, lambda network, facts: LetterboxPreparation(facts))
    monkeypatch.setitem(feeds.FEEDS, TASK, _feed)
    monkeypatch.setitem(suited.SUITED, TASK, _strategy)


def scenes(items: int = 20) -> Dataset:
    """Pictures (48, 64, 3) that hold one rectangle each; nothing is split yet."""
    generator = np.random.default_rng(0)
    pictures, masks = [], []
    for _ in range(items):
        picture = generator.integers(0, 60, (48, SIDE, 3)).astype(np.uint8)
        mask = np.zeros((48, SIDE), np.int16)
        top, left = generator.integers(0, 28), generator.integers(0, 40)
        picture[top : top + 20, left : left + 24] += 150
        mask[top : top + 20, left : left + 24] = 1
        pictures.append(picture)
        masks.append(Pixels(mask))
    return Dataset(
        task=TASK,
        labels=CLASSES,
        inputs=ArrayColumn(pictures),
        targets=column_of(masks),
        parts=np.full(items, Part.UNASSIGNED, np.int8),
        source="scenes",
    )


FACTS = InputFacts(size=(SIDE, SIDE))
