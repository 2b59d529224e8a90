"""What a task adds to a backbone: a head, a loss, predictions and numbers."""

from __future__ import annotations

from typing import Protocol

from torch import Tensor, nn

from headstart.core.dataset import Dataset
from headstart.core.rows import Rows
from headstart.models.backbone import Backbone, Features


class Model(nn.Module):
    """A backbone and a head. Parameter names start with `backbone.` and `head.`."""

    def __init__(self, backbone: Backbone, head: nn.Module) -> None:
        super().__init__()
        self.backbone = backbone
        self.head = head

    def forward(self, inputs: Tensor) -> Tensor:
        """Logits of a batch of inputs."""
        logits: Tensor = self.head(self.backbone(inputs))
        return logits


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
