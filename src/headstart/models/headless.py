"""A network of a library whose classifier has been taken off: what stands under the backbones of every source."""

from __future__ import annotations

from abc import ABC

from torch import Tensor, nn

from headstart.core.card import Architecture, ModelCard
from headstart.models.backbone import Backbone
from headstart.models.source_head import SourceHead


class HeadlessBackbone(Backbone, ABC):
    """The body of a network, and beside it the classifier that it came with (None where that is unknown)."""

    def __init__(
        self, body: nn.Module, *, card: ModelCard, architecture: Architecture, width: int, head: SourceHead | None
    ) -> None:
        super().__init__()
        self.body = body
        self.card = card
        self.architecture = architecture
        self.width = width
        self.source_head = head

    def source_logits(self, pooled: Tensor) -> Tensor | None:
        """Logits of the classifier that the network came with, or None where it had none."""
        return None if self.source_head is None else self.source_head(pooled)
