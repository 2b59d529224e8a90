"""Features of length 1: what a contrast compares, and what a head may be given instead of the features as they are."""

from __future__ import annotations

from dataclasses import replace

from torch import Tensor, nn
from torch.nn import functional

from headstart.models.backbone import Features


class UnitLength(nn.Module):
    """A head that is given pooled features (N, D) of length 1; without one, these are what comes out.

    Their products are cosines. They are computed in no less than float32.
    """

    def __init__(self, head: nn.Module | None = None) -> None:
        super().__init__()
        self.head = head

    def forward(self, features: Features) -> Tensor:
        """Logits (N, C), or the features."""
        if features.pooled is None:
            raise ValueError("the backbone gives no pooled features")
        pooled = functional.normalize(features.pooled.float(), dim=1)
        if self.head is None:
            return pooled
        logits: Tensor = self.head(replace(features, pooled=pooled))
        return logits
