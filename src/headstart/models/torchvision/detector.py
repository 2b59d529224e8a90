"""Detectors of torchvision: backbone and pyramid as a network with maps, and beside it their own head."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torchvision.models import detection, list_models
from torchvision.models._utils import IntermediateLayerGetter
from torchvision.models.detection.backbone_utils import BackboneWithFPN
from torchvision.models.detection.generalized_rcnn import GeneralizedRCNN
from torchvision.ops import FeaturePyramidNetwork

from headstart.core.card import Architecture, InputFacts, ModelCard
from headstart.models.backbone import Features
from headstart.models.networks.detector import DetectorHead
from headstart.models.networks.detector_backbone import DetectorBackbone
from headstart.models.networks.layer_blocks import by_block
from headstart.models.torchvision.box_head import ONE_STAGE, OneStageHead, is_class_layer
from headstart.models.torchvision.two_stage_head import CLASSES, TwoStageHead

# How pictures are normalised and how large they are where it is not ImageNet's way and 800 pixels; a test holds this
# against the networks that the library builds.
HALVES = (0.5, 0.5, 0.5)
NORMALISED = {"ssdlite320_mobilenet_v3_large": (HALVES, HALVES)}
SIDES = {"ssdlite320_mobilenet_v3_large": 320, "fasterrcnn_mobilenet_v3_large_320_fpn": 320}
SIDE = 800
# Its last layers have no padding, and fail on pictures that are much smaller or larger than its own 300 pixels.
LEFT_OUT = ("ssd300_vgg16",)
# All others count it as a class.
WITHOUT_BACKGROUND = ("fcos_", "retinanet_")
DETECTORS = (*ONE_STAGE, GeneralizedRCNN)
# These learnt with batch norms without the small number under the root, and the library leaves it out as well. PyTorch
# wants a positive one: this changes no variance that float32 can tell from nothing.
WITHOUT_EPSILON = (
    "fasterrcnn_resnet50_fpn", "keypointrcnn_resnet50_fpn", "maskrcnn_resnet50_fpn", "retinanet_resnet50_fpn",
)  # fmt: skip
EPSILON = 1e-20
# What layers were called before they could have a normalisation of their own.
_OLD = (
    (re.compile(r"(.*\.fpn\.(?:inner|layer)_blocks\.\d+)\.(weight|bias)"), r"\1.0.\2"),
    (re.compile(r"(rpn\.head\.conv)\.(weight|bias)"), r"\1.0.0.\2"),
)
_OLD_TOWER = re.compile(r"(head\.(?:classification|regression)_head\.conv)\.([0246])\.(weight|bias)")


def detectors() -> list[str]:
    """The detectors of torchvision."""
    return [name for name in list_models(module=detection) if name not in LEFT_OUT]


def facts_of_detector(name: str) -> InputFacts:
    """How the pictures of a detector are prepared."""
    usual, side = InputFacts(), SIDES.get(name, SIDE)
    mean, std = NORMALISED.get(name, (usual.mean, usual.std))
    return InputFacts(size=(side, side), crop_fraction=1.0, mean=mean, std=std)


def without_epsilon(network: nn.Module, name: str) -> nn.Module:
    """The network as its weights were learnt: see `WITHOUT_EPSILON`."""
    if name in WITHOUT_EPSILON:
        for module in network.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eps = EPSILON
    return network


def renamed(name: str, known: Mapping[str, object]) -> str:
    """What a weight of a detector is called today; `known` are the names of today."""
    if name in known:
        return name
    tower = _OLD_TOWER.fullmatch(name)
    if tower:
        return f"{tower[1]}.{int(tower[2]) // 2}.0.{tower[3]}"
    return next((pattern.sub(new, name) for pattern, new in _OLD if pattern.fullmatch(name)), name)


def class_layer(network: Any) -> tuple[str, int]:
    """The name of a layer that names classes, and how many anchors it does that for at once."""
    if not isinstance(network, ONE_STAGE):
        return f"{CLASSES}cls_score", 1
    first = next(name for name in network.state_dict() if is_class_layer(name))
    return first.rpartition(".")[0], network.anchor_generator.num_anchors_per_location()[0]


class DetectorBody(nn.Module):
    """What gives a detector its maps: the backbone with its pyramid, or with the coarser layers of SSD."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.maps: Any = network.backbone

    def forward(self, inputs: Tensor) -> Tensor:
        """(N, D): the means of all maps side by side."""
        return torch.cat([one.mean((2, 3)) for one in self.levels(inputs)], 1)

    def levels(self, inputs: Tensor) -> tuple[Tensor, ...]:
        """Maps (N, C, H, W), from fine to coarse."""
        return tuple(self.maps(inputs).values())


class TorchvisionDetector(DetectorBackbone):
    """A detector's backbone and pyramid; beside it what its own head starts from, which is no part of its weights."""

    body: DetectorBody

    def __init__(
        self,
        body: nn.Module,
        *,
        card: ModelCard,
        architecture: Architecture,
        width: int,
        create: Callable[[int], nn.Module],
    ) -> None:
        """`create` makes the whole detector for as many classes as the library counts, freshly initialised."""
        super().__init__(body, card=card, architecture=architecture, width=width, head=None)
        self._create = create

    def forward(self, inputs: Tensor) -> Features:
        """The means of all maps side by side."""
        return Features(pooled=self.body(inputs))

    def forward_maps(self, inputs: Tensor) -> Features:
        """The levels of the pyramid, or the maps that SSD looks at."""
        return Features(maps=self.body.levels(inputs))

    def layer_groups(self) -> Sequence[tuple[str, ...]]:
        """Blocks in the order of computation: backbone first, then the pyramid."""
        opened = (BackboneWithFPN, IntermediateLayerGetter, FeaturePyramidNetwork, type(self.body.maps))
        return [tuple(f"body.{name}" for name in names) for names in by_block(self.body, opened=opened)]

    def fresh_head(self, labels: int) -> DetectorHead:
        """Everything above the maps, of one stage or of two."""
        background = int(not self.architecture.name.startswith(WITHOUT_BACKGROUND))
        return _head(self._create(labels + background), stride=self.map_strides[0])


def head_weights(network: nn.Module) -> dict[str, Tensor]:
    """What the head of a whole detector hands over to heads for other classes.

    The network's backbone is taken off, in place.
    """
    return _head(network, stride=1).class_free()


def _head(network: nn.Module, *, stride: int) -> DetectorHead:
    return (OneStageHead if isinstance(network, ONE_STAGE) else TwoStageHead)(network, stride=stride)
