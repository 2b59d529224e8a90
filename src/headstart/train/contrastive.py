"""Training a network to tell by its features which items are of one class: no head takes part."""

from __future__ import annotations

import torch
from torch import Tensor

from headstart.core.strategy import Strategy
from headstart.models.backbone import Backbone
from headstart.tasks.classification import Classification
from headstart.tasks.task import Model
from headstart.tasks.unit_length import UnitLength
from headstart.train.feed import Feed
from headstart.train.loop import TrainResult, TrainSettings, train


def train_contrastive(
    backbone: Backbone, feed: Feed, strategy: Strategy, *, settings: TrainSettings | None = None
) -> TrainResult:
    """Train the backbone in place by the strategy's contrast; items have one label each.

    Whatever `train` promises and raises holds here, too. There is nothing to stop early by.
    """
    if strategy.contrast is None:
        raise ValueError(f"'{strategy.method}' has no contrast to train by")
    if settings is not None and settings.micro_batch is not None:
        raise ValueError("a contrast is over whole batches")
    task = SupervisedContrast(temperature=strategy.contrast.temperature)
    return train(Model(backbone, UnitLength()), task, feed, strategy, settings=settings)


class SupervisedContrast(Classification):
    """The task of a training whose outputs are embeddings (N, D) of length 1 and whose loss compares them in pairs."""

    name = "supervised-contrast"

    def __init__(self, *, temperature: float) -> None:
        super().__init__()
        self.temperature = temperature

    def loss(
        self, logits: Tensor, targets: Tensor, *, class_weights: Tensor | None = None, label_smoothing: float = 0.0
    ) -> Tensor:
        """Of embeddings (N, D) and class indices (N,); weights and smoothing have no part in it."""
        if class_weights is not None or label_smoothing:
            raise ValueError("class weights and label smoothing are for losses of labels")
        return supervised_contrast(logits, targets, temperature=self.temperature)


def supervised_contrast(embeddings: Tensor, targets: Tensor, *, temperature: float) -> Tensor:
    """How badly each item is told by the others of its class from all others (Khosla et al. 2020, their L_out).

    `embeddings` (N, D) have length 1, `targets` (N,) are class indices. For every item, the softmax over its cosines
    with the N - 1 others, divided by `temperature`, says which of them it belongs to; the loss is the mean over the
    others of its class of minus the log of that, then the mean over the items that have any. Where none has, it is 0.
    """
    alone = torch.eye(len(targets), dtype=torch.bool, device=targets.device)
    close = (embeddings @ embeddings.T / temperature).masked_fill(alone, torch.finfo(embeddings.dtype).min)
    together = (targets[:, None] == targets[None, :]) & ~alone
    shares = torch.log_softmax(close, dim=1).masked_fill(~together, 0.0)
    others = together.sum(dim=1)
    losses = -shares.sum(dim=1) / others.clamp_min(1)
    return losses.sum() / (others > 0).sum().clamp_min(1)
