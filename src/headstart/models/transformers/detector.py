"""Detectors of transformers: their convolutional backbone as a network with maps, and beside it their own head."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from transformers.models.auto.modeling_auto import MODEL_FOR_OBJECT_DETECTION_MAPPING_NAMES

from headstart.core.card import Architecture, ModelCard
from headstart.models.backbone import Features
from headstart.models.networks.detector import DetectorHead
from headstart.models.networks.detector_backbone import DetectorBackbone
from headstart.models.networks.layer_order import by_registration
from headstart.models.transformers.query_head import QueryHead, inner_encoder
from headstart.models.transformers.tower import Pooled

TYPES = ("detr", "conditional_detr", "deformable_detr", "rt_detr", "rt_detr_v2", "d_fine")
"""Those whose convolutional backbone can be told from the rest."""
# Whatever size a picture has, its anchors and positions are computed; and queries that are objects with noise added,
# which would need the objects before there is a loss, are left out.
SETTINGS: Mapping[str, Any] = {"anchor_image_size": None, "eval_size": None, "num_denoising": 0}


def detector_class(config: Mapping[str, Any]) -> str:
    """The detector's class that a config names; empty where it names none that is known here."""
    kind = str(config.get("model_type"))
    known = MODEL_FOR_OBJECT_DETECTION_MAPPING_NAMES.get(kind, "")
    return known if kind in TYPES and known in (config.get("architectures") or ()) else ""


def settled(config: Mapping[str, Any]) -> dict[str, Any]:
    """A detector's config with what it is built with here."""
    return {**config, **{name: value for name, value in SETTINGS.items() if name in config}}


def fresh_names(few: nn.Module, more: nn.Module) -> frozenset[str]:
    """What depends on the classes, by the names of its weights, from two networks for other numbers of them."""
    other = more.state_dict()
    return frozenset(name for name, value in few.state_dict().items() if value.shape != other[name].shape)


class DetectorBody(nn.Module):
    """The convolutional backbone of a detector."""

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.config = network.config
        self.maps = inner_encoder(network).model

    def forward(self, pixel_values: Tensor) -> Pooled:
        """The means of all maps side by side, (N, D)."""
        return Pooled(torch.cat([one.mean((2, 3)) for one in self.levels(pixel_values)], 1))

    def levels(self, pixel_values: Tensor) -> tuple[Tensor, ...]:
        """Maps (N, C, H, W), from fine to coarse."""
        made: Any = self.maps(pixel_values)
        return tuple(getattr(made, "feature_maps", made))  # networks of timm give a list


class TransformersDetector(DetectorBackbone):
    """A detector's backbone; beside it what its own head starts from, which is no part of its weights."""

    body: DetectorBody

    def __init__(
        self,
        body: nn.Module,
        *,
        card: ModelCard,
        architecture: Architecture,
        create: Callable[[int], nn.Module],
        fresh: frozenset[str],
    ) -> None:
        """`create` makes the whole detector for a number of classes, freshly initialised; `fresh` as in `QueryHead`."""
        super().__init__(body, card=card, architecture=architecture, width=card.width or 0, head=None)
        self.reversed = bool(architecture.arguments.get("reversed"))
        self._create, self._fresh = create, fresh

    def forward(self, inputs: Tensor) -> Features:
        """The means of all maps side by side."""
        return Features(pooled=self.body(self._ordered(inputs)).logits)

    def forward_maps(self, inputs: Tensor) -> Features:
        """The stages that the detector looks at, from fine to coarse."""
        return Features(maps=self.body.levels(self._ordered(inputs)))

    def layer_groups(self) -> Sequence[tuple[str, ...]]:
        """The order of registration, which in transformers is the order of computation."""
        names = (name.removeprefix("body.") for name, _ in self.named_parameters())
        return [tuple(f"body.{name}" for name in group) for group in by_registration(names)]

    def fresh_head(self, labels: int) -> DetectorHead:
        """Encoder, decoder and what places the boxes."""
        return QueryHead(self._create(labels), stride=self.map_strides[0], fresh=self._fresh)

    def _ordered(self, inputs: Tensor) -> Tensor:
        return inputs.flip(1) if self.reversed else inputs
