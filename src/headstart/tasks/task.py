"""What a task adds to a backbone: a head, a loss, predictions and numbers."""

from __future__ import annotations

from typing import Any, Protocol

import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_leaves, tree_map_only

from headstart.core.dataset import Dataset
from headstart.core.rows import Rows
from headstart.models.backbone import Backbone, Features
from headstart.models.networks.detector import DetectorOutputs


class Model(nn.Module):
    """A backbone and a head. Parameter names start with `backbone.` and `head.`.

    A head says by its attribute `needs` which features it takes: `pooled` (where it says nothing), `maps` or `tokens`.
    What it makes of them is logits (N, C), or for a task whose targets are more than labels any tuple, list or mapping
    of tensors that the task's loss understands.
    """

    def __init__(self, backbone: Backbone, head: nn.Module) -> None:
        super().__init__()
        self.backbone = backbone
        self.head = head

    def forward(self, inputs: Tensor) -> Any:
        """What the head makes of a batch of inputs."""
        return self.head(features_for(self.head, self.backbone, inputs))


def features_for(head: nn.Module, backbone: Backbone, inputs: Tensor) -> Features:
    """The features that the head takes, of a batch of inputs."""
    needs = getattr(head, "needs", "pooled")
    if needs == "maps":
        return backbone.forward_maps(inputs)
    if needs == "tokens":
        return backbone.forward_tokens(inputs)
    features: Features = backbone(inputs)
    return features


def in_float32(outputs: Any) -> Any:
    """What a head made, with every floating tensor in it in float32: losses are computed in no less."""
    return tree_map_only(Tensor, lambda value: value.float() if value.is_floating_point() else value, outputs)


def sum_of(outputs: Any) -> Tensor:
    """The sum of everything that a head made: a loss that needs no targets, to try out a step with.

    A detector's own head has its own loss, which may cost as much as all before it: that of objects that are made up.
    """
    if isinstance(outputs, DetectorOutputs):
        trial: DetectorOutputs = in_float32(outputs)
        return trial.trial_loss()
    parts = [value for value in tree_leaves(outputs) if isinstance(value, Tensor) and value.is_floating_point()]
    return torch.stack([part.float().sum() for part in parts]).sum()


class Task(Protocol):
    """One task: one file in `tasks/`. It knows nothing of the library that a backbone came from."""

    name: str

    def head(self, backbone: Backbone, labels: int) -> nn.Module:
        """A freshly initialised head that turns `Features` into logits."""
        ...

    def linear_head(self, width: int, labels: int) -> nn.Module:
        """A linear head on `width` features that are handed over as the pooled ones: `linear.weight`, `linear.bias`."""
        ...

    def loss(
        self, logits: Tensor, targets: Tensor, *, class_weights: Tensor | None = None, label_smoothing: float = 0.0
    ) -> Tensor:
        """The mean loss of a batch."""
        ...

    def decode(self, logits: Tensor) -> Tensor:
        """Probabilities (N, C), float32, from logits."""
        ...

    def probe(self, features: Features, dataset: Dataset) -> Rows:
        """Rows for probes and scores."""
        ...
