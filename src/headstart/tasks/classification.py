"""What classification of pictures and of texts have in common: one label an item, or any number of them."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from headstart.core.dataset import Dataset
from headstart.core.rows import Rows
from headstart.models.backbone import Backbone, Features


class PooledLinear(nn.Module):
    """A linear layer on pooled features."""

    def __init__(self, width: int, labels: int) -> None:
        super().__init__()
        self.linear = nn.Linear(width, labels)

    def forward(self, features: Features) -> Tensor:
        """Logits (N, C)."""
        if features.pooled is None:
            raise ValueError("the backbone gives no pooled features")
        logits: Tensor = self.linear(features.pooled)
        return logits


class Classification:
    """Cross-entropy for one label an item, binary cross-entropy for several.

    Which of the two it is follows from the targets: class indices (N,), or 0 and 1 (N, C).
    """

    def __init__(self, *, multi_label: bool = False) -> None:
        self.multi_label = multi_label

    def head(self, backbone: Backbone, labels: int) -> nn.Module:
        """A linear layer with torch's initialisation: what the caller's seed makes of it."""
        return self.linear_head(backbone.width, labels)

    def linear_head(self, width: int, labels: int) -> nn.Module:
        """A linear layer on so many features."""
        return PooledLinear(width, labels)

    def loss(
        self, logits: Tensor, targets: Tensor, *, class_weights: Tensor | None = None, label_smoothing: float = 0.0
    ) -> Tensor:
        """The mean over the items.

        `class_weights` (C,) multiply the loss of an item of that class; for several labels, the positive part of each.
        They do not change what the sum is divided by, so that parts of a batch add up to the batch. Smoothing moves the
        share `label_smoothing` of a target to the uniform distribution.
        """
        if targets.ndim == 2:
            smooth = targets * (1 - label_smoothing) + label_smoothing / 2
            return nn.functional.binary_cross_entropy_with_logits(logits, smooth, pos_weight=class_weights)
        losses = nn.functional.cross_entropy(logits, targets, label_smoothing=label_smoothing, reduction="none")
        return losses.mean() if class_weights is None else (losses * class_weights[targets]).mean()

    def decode(self, logits: Tensor) -> Tensor:
        """Probabilities (N, C), float32: they sum to 1 over the labels unless an item may have several."""
        return torch.sigmoid(logits.float()) if self.multi_label else torch.softmax(logits.float(), dim=1)

    def probe(self, features: Features, dataset: Dataset) -> Rows:
        """Pooled features and targets, row by row."""
        if features.pooled is None:
            raise ValueError("the backbone gives no pooled features")
        return Rows(x=features.pooled.float().cpu().numpy(), y=np.asarray(dataset.targets))
