"""A network of a library whose classifier has been taken off: what stands under the backbones of every source."""

from __future__ import annotations

from abc import ABC
from functools import cached_property

from torch import Tensor, nn

from headstart.core.card import Architecture, ModelCard
from headstart.models.backbone import Backbone, Features
from headstart.models.networks.source_head import SourceHead
from headstart.models.networks.traced_maps import MapPlace, map_places, maps_of


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


class TracedBackbone(HeadlessBackbone, ABC):
    """A body whose library does not say where its feature maps are: they are looked for when they are first wanted."""

    @cached_property
    def _places(self) -> tuple[MapPlace, ...]:
        first = next((weight for weight in self.body.parameters() if weight.ndim == 4), None)
        if first is None:
            return ()
        return tuple(map_places(self.body, channels=first.shape[1], run=self))

    def look_again(self) -> None:
        """Forget where the maps are, since the body is another one now."""
        self.__dict__.pop("_places", None)

    @property
    def map_channels(self) -> tuple[int, ...]:
        """Of each resolution those of the last map that is handed on."""
        return tuple(place.channels for place in self._places)

    @property
    def map_strides(self) -> tuple[int, ...]:
        """The pixels between two cells of each."""
        return tuple(place.stride for place in self._places)

    def forward_maps(self, inputs: Tensor) -> Features:
        """Up to four maps: of each resolution the last that is handed on."""
        if not self._places:
            return super().forward_maps(inputs)
        return Features(maps=maps_of(self.body, self._places, lambda: self(inputs)))
