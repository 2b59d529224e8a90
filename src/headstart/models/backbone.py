"""What every source hands over: a network without its head, whose output no longer says which library it came from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import torch
from torch import Tensor, nn

from headstart.core.card import Architecture, ModelCard
from headstart.core.errors import ModelError

if TYPE_CHECKING:
    from headstart.models.networks.detector import DetectorHead


@dataclass(frozen=True)
class Features:
    """What a backbone makes of a batch of N inputs; what was not asked for is None.

    `pooled` is (N, D); `stages` is (N, S): the means over positions of several layers side by side, from fine to
    coarse, and `pooled` last; `maps` is a tuple of (N, C, H, W), from fine to coarse; `tokens` is (N, W, T, D), of W
    windows.
    """

    pooled: Tensor | None = None
    stages: Tensor | None = None
    maps: tuple[Tensor, ...] | None = None
    tokens: Tensor | None = None


class Backbone(nn.Module, ABC):
    """A pretrained network without its head.

    `width` is D of the pooled features, `stage_width` S of those of several layers (0 where there are only the pooled
    ones). The state dict of the module is what is saved; `architecture` builds the same
    module again without weights and without a network connection.
    """

    card: ModelCard
    architecture: Architecture
    width: int
    stage_width: int = 0

    @property
    def map_channels(self) -> tuple[int, ...]:
        """The channels of the feature maps, from fine to coarse; empty where there are none."""
        return ()

    @property
    def map_strides(self) -> tuple[int, ...]:
        """The pixels of the input between two cells of each feature map, from fine to coarse."""
        return ()

    @abstractmethod
    def forward(self, inputs: Tensor) -> Features:
        """Pooled features of a batch of inputs.

        Pictures are (N, C, H, W), float, normalised as `card.input` says. Texts are (N, W, 2, T), int64: of W windows
        the ids of T tokens and their types, -1 where a window has no token and a text no window.
        """

    def forward_stages(self, inputs: Tensor) -> Features:
        """Pooled features as `forward` gives them, and those of several layers."""
        raise ValueError(f"{self.card.id} gives the last layer's features only, of inputs {tuple(inputs.shape)} too")

    def forward_maps(self, inputs: Tensor) -> Features:
        """Feature maps (N, C, H / stride, W / stride), from fine to coarse; an error where there are none."""
        raise ModelError(
            f"{self.card.id} gives no feature maps, of inputs {tuple(inputs.shape)} neither.",
            hint="Detection and segmentation need them: take a convolutional network.",
        )

    def forward_tokens(self, inputs: Tensor) -> Features:
        """Features (N, W, T, D) of every token of (N, W, 2, T) windows. Raises `ModelError` where there are none."""
        raise ModelError(f"{self.card.id} gives no features of single tokens, of inputs {tuple(inputs.shape)} neither.")

    @abstractmethod
    def layer_groups(self) -> Sequence[tuple[str, ...]]:
        """Parameter names from the input side to the output side, each parameter in exactly one group."""

    def source_logits(self, pooled: Tensor) -> Tensor | None:
        """(N, Z) logits of the source task from pooled features, or None where the head is unknown."""
        del pooled
        return None

    def own_head(self, labels: int) -> DetectorHead | None:
        """The head that a detector came with, for so many classes: all of it but what names them is as it was.

        None for any other network.
        """
        del labels
        return None

    def take_own_head(self, weights: Mapping[str, Tensor]) -> None:
        """Keep weights of such a head, by their names in its state dict, for `own_head` to start from."""
        del weights

    def companions(self) -> dict[str, bytes]:
        """Files, by name, that have to travel with the weights so that the network can be fed, such as a tokenizer."""
        return {}

    def take_companions(self, files: Mapping[str, bytes]) -> None:
        """Take back what `companions` gave. Raises `ModelError` where something is missing or damaged."""
        del files

    def new_like(self) -> Backbone:
        """The same architecture with a fresh initialisation."""
        from headstart.models import build

        network = build(self.architecture, self.card)
        network.take_companions(self.companions())
        return network


class Source(Protocol):
    """One library or place that models come from: a module `models/sources/from_x.py`, which alone loads its models.

    Where a method takes a `model`, that is the id without the name of the source: what `models.resolve` makes of it.
    """

    name: str

    def installed(self) -> bool:
        """Whether the library behind the source can be imported (checked without importing it)."""
        ...

    def cards(self, pattern: str = "*") -> list[ModelCard]:
        """Known cards whose id matches a shell pattern, without loading any weights."""
        ...

    def card(self, model: str, *, offline: bool, pretrained: bool = True) -> ModelCard:
        """The card of one model. Raises `ModelError` where it is unknown, or `pretrained` and out of reach."""
        ...

    def load(self, model: str, *, pretrained: bool, offline: bool, channels: int | None = None) -> Backbone:
        """Build the network and, unless `pretrained` is False, load its weights in float32.

        `channels` None means as many input channels as the weights are for.
        """
        ...

    def build(self, architecture: Architecture, card: ModelCard) -> Backbone:
        """Build from a saved description, freshly initialised."""
        ...

    def pull(self, model: str) -> ModelCard:
        """Fetch everything that offline use needs."""
        ...


def trainable_numel(module: nn.Module) -> int:
    """The number of weights that are being trained."""
    return sum(parameter.numel() for parameter in module.parameters() if parameter.requires_grad)


def all_finite(module: nn.Module) -> bool:
    """Whether no weight or buffer is NaN or infinite."""
    return all(bool(torch.isfinite(value).all()) for value in module.state_dict().values() if value.is_floating_point())
