"""An image network of transformers without a classifier, in the shape of one whose classifier has been taken off."""

from __future__ import annotations

import inspect
from typing import Any, NamedTuple

from torch import Tensor, nn

ENLARGES = "interpolate_pos_encoding"


class Pooled(NamedTuple):
    """What stands in the place of logits where there is no classifier: (N, D) pooled features."""

    logits: Tensor


class Tower(nn.Module):
    """A network whose `pooler_output` are the features; position embeddings follow the size of the picture."""

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.network = network
        self.config = network.config
        self.enlarges = ENLARGES in inspect.signature(network.forward).parameters

    def forward(self, pixel_values: Tensor) -> Pooled:
        """Pooled features of (N, C, H, W) pictures; None where the network does not pool."""
        options = {ENLARGES: True} if self.enlarges else {}
        return Pooled(self.network(pixel_values=pixel_values, **options).pooler_output)
