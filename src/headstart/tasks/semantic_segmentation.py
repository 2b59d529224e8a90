"""Semantic segmentation: the class of every pixel of a picture, in the picture's own size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, interpolate

from headstart.core.errors import ModelError, OptionError
from headstart.core.evaluation import Evaluation
from headstart.core.prediction import Finding, Prediction
from headstart.core.rows import Rows
from headstart.core.targets import IGNORED
from headstart.data.geometry import padded_size
from headstart.metrics.segmentation import MASK_METRICS, PixelCounts, measure_masks, pixel_confusion
from headstart.models.backbone import Backbone, Features
from headstart.tasks.mask_decoding import decode_mask
from headstart.tasks.pixel_answer import PixelAnswer
from headstart.tasks.pixel_rows import pixel_rows
from headstart.tasks.pyramid_decoder import PyramidDecoder, used_maps

WIDTH = 96
"""Channels of the neck: a fifth of the time of a MobileNetV2 below it."""
MOST_WEIGHT = 10.0
"""A class of a few hundred pixels in all would otherwise decide every step that it is in."""


class SegmentationHead(nn.Module):
    """The neck, and on its fine map a linear classifier of every cell."""

    needs = "maps"

    def __init__(self, channels: Sequence[int], strides: Sequence[int], labels: int) -> None:
        super().__init__()
        self.places = used_maps(strides)
        self.neck = PyramidDecoder([channels[place] for place in self.places], width=WIDTH)
        self.classifier = nn.Conv2d(WIDTH, labels, 1)

    def forward(self, features: Features) -> Tensor:
        """Logits (N, C, H, W) of the cells of the finest map."""
        if features.maps is None:
            raise ValueError("the backbone gives no feature maps")
        logits: Tensor = self.classifier(self.neck([features.maps[place] for place in self.places]))
        return logits


class SemanticSegmentation:
    """Cross-entropy of every pixel that has a class; every picture of a batch counts alike.

    An answer is a `PixelAnswer`; an item made ready is a `features.tiles.Viewed`.
    """

    name = "semantic-segmentation"
    item_metric = "mean IoU a picture"
    needs: Literal["pooled", "maps", "tokens"] = "maps"

    def __init__(self, *, multi_label: bool = False) -> None:
        del multi_label

    def head(self, backbone: Backbone, labels: int) -> nn.Module:
        """A freshly initialised neck and classifier. Raises `ModelError` for a backbone without feature maps."""
        if not backbone.map_channels:
            raise ModelError(
                f"{backbone.card.id} gives no feature maps, which segmentation needs.",
                hint="Take a convolutional network, such as a MobileNet or a ResNet.",
            )
        return SegmentationHead(backbone.map_channels, backbone.map_strides, labels)

    def loss(
        self, outputs: Tensor, targets: Any, *, class_weights: Tensor | None = None, label_smoothing: float = 0.0
    ) -> Tensor:
        """The mean over the pictures of the mean over their pixels that have a class.

        `targets` are masks (H, W), int64, of the size of the input. The roots of `class_weights` (C,), 10
        at most, multiply the loss of the pixels of that class and do not change what the sum is divided by.
        """
        masks = torch.stack(tuple(targets))
        logits = interpolate(outputs, size=masks.shape[1:], mode="bilinear", align_corners=False)
        losses = cross_entropy(
            logits,
            masks,
            weight=None if class_weights is None else class_weights.sqrt().clamp(max=MOST_WEIGHT),
            ignore_index=IGNORED,
            label_smoothing=label_smoothing,
            reduction="none",
        )
        known = (masks != IGNORED).sum(dim=(1, 2)).clamp(min=1)
        return (losses.sum(dim=(1, 2)) / known).mean()

    def decode(self, outputs: Tensor, items: Sequence[Any]) -> list[PixelAnswer]:
        """The most probable class of every pixel of each original picture; of a far larger one, tile by tile."""
        padded = padded_size([view.fitted.pixels.shape[:2] for item in items for view in item.views])
        parts = torch.split(outputs, [len(item.views) for item in items])
        return [PixelAnswer.of(decode_mask(found, item, padded)) for found, item in zip(parts, items, strict=True)]

    def score(self, answers: Sequence[Any], targets: npt.NDArray[Any], *, labels: int, metric: str) -> float:
        """Mean IoU or pixel accuracy over all pixels of all pictures."""
        counts = _counts(answers, targets, labels)
        return float(MASK_METRICS[metric](counts, np.ones((len(counts), 1)))[0])

    def measure(
        self, answers: Sequence[Any], targets: npt.NDArray[Any], *, labels: Sequence[str], part: str
    ) -> Evaluation:
        """All numbers, with intervals over pictures and a row for each class."""
        return measure_masks(_counts(answers, targets, len(labels)), labels, part=part)

    def prediction(
        self, name: str, answer: Any, raw: Any, *, labels: Sequence[str], threshold: float | None
    ) -> Prediction:
        """The mask, and of each class that occurs its pixels and their share, the largest first."""
        del raw
        if threshold is not None:
            raise OptionError("--threshold is not for masks: every pixel gets its most probable class.")
        pixels = answer.pixels()
        counts = np.bincount(pixels.ravel(), minlength=len(labels))
        order = [int(place) for place in np.argsort(-counts, kind="stable") if counts[place]]
        findings: tuple[Finding, ...] = tuple(
            {"label": labels[place], "pixels": int(counts[place]), "share": float(counts[place] / pixels.size)}
            for place in order
        )
        return Prediction(name, findings=findings, mask=pixels)

    def item_scores(self, answers: Sequence[Any], targets: npt.NDArray[Any], *, labels: int) -> npt.NDArray[np.float64]:
        """The mean over the classes of each picture of their intersection over union in it, (N,).

        A picture without a pixel that has a class scores 1.
        """
        counts = _counts(answers, targets, labels)
        both, either = counts.right, counts.truth + counts.predicted - counts.right
        there = counts.truth > 0
        shares = np.where(there, both / np.maximum(either, 1), 0.0).sum(axis=1)
        classes = there.sum(axis=1)
        return np.where(classes > 0, shares / np.maximum(classes, 1), 1.0)

    def probe(self, features: Features, items: Sequence[Any], targets: npt.NDArray[Any], *, labels: int) -> Rows:
        """Some pixels of every picture, its classes alike, as rows: see `pixel_rows`."""
        del labels
        return pixel_rows(features, items, targets)


def _counts(answers: Sequence[Any], targets: npt.NDArray[Any], labels: int) -> PixelCounts:
    return PixelCounts.of(
        [
            pixel_confusion(target.pixels(), answer.pixels(), labels)
            for answer, target in zip(answers, targets, strict=True)
        ]
    )
