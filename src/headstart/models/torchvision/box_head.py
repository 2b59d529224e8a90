"""The heads of torchvision's detectors of one stage: FCOS, RetinaNet and SSD, with their own losses and decoding."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torchvision.models.detection import FCOS, RetinaNet
from torchvision.models.detection.image_list import ImageList
from torchvision.models.detection.ssd import SSD
from torchvision.ops import box_iou

from headstart.models.backbone import Features
from headstart.models.networks.detector import DetectorHead, DetectorOutputs, Found, blank

ONE_STAGE = (FCOS, RetinaNet, SSD)
LEAST_SCORE = 0.02
"""torchvision's own are 0.001 to 0.2; mean average precision counts what is found with little certainty, too."""
# Of SSDlite the last layer of each block: what lies before it looks for no class.
_CLASSES = re.compile(r"head\.classification_head\.(cls_logits|module_list\.\d+(\.1)?)\.(weight|bias)")


def is_class_layer(name: str) -> bool:
    """Whether a weight of a detector of one stage belongs to the layers that name the classes."""
    return bool(_CLASSES.fullmatch(name))


class OneStageHead(DetectorHead):
    """A detector of torchvision without its backbone; its classes are counted from 0, whatever the library does."""

    def __init__(self, network: Any, *, stride: int) -> None:
        """`stride` is the pixels between two cells of the finest map. The network's backbone is taken off, in place."""
        super().__init__()
        network.backbone = nn.Identity()
        network.score_thresh = LEAST_SCORE
        self.network: Any = network
        self.stride = stride
        self.background = int(isinstance(network, SSD))

    def forward(self, features: Features) -> DetectorOutputs:
        """Logits, edges and what else the library's head says of every anchor, and the anchors."""
        assert features.maps is not None
        maps = list(features.maps)
        count, high, wide = maps[0].shape[0], maps[0].shape[2] * self.stride, maps[0].shape[3] * self.stride
        images = ImageList(blank((count, 3, high, wide), maps[0]), [(high, wide)] * count)
        # Anchors in sixteen bits would be off by pixels, so they are not made of the maps themselves.
        anchors = self.network.anchor_generator(images, [blank(one.shape, one) for one in maps])
        places = self.network.anchor_generator.num_anchors_per_location()
        levels = [one.shape[2] * one.shape[3] * each for one, each in zip(maps, places, strict=True)]
        said = self.network.head(maps)
        values = {"said": said, "anchors": anchors, "levels": levels, "size": (high, wide), "count": count}
        return DetectorOutputs(self, values)

    def loss(self, values: Mapping[str, Any], boxes: Sequence[Tensor], labels: Sequence[Tensor]) -> Tensor:
        """Focal loss and overlap (FCOS), focal loss and L1 (RetinaNet), cross-entropy and smooth L1 (SSD)."""
        said, anchors = values["said"], values["anchors"]
        targets = [
            {"boxes": each, "labels": named + self.background} for each, named in zip(boxes, labels, strict=True)
        ]
        if isinstance(self.network, FCOS):
            losses = self.network.compute_loss(targets, said, anchors, values["levels"])
        elif isinstance(self.network, SSD):
            matched = [self._matched(each, target["boxes"]) for each, target in zip(anchors, targets, strict=True)]
            losses = self.network.compute_loss(targets, said, anchors, matched)
        else:
            losses = self.network.compute_loss(targets, said, anchors)
        return torch.stack(list(losses.values())).sum()

    def found(self, values: Mapping[str, Any]) -> list[Found]:
        """What is left after the library has told overlapping boxes apart."""
        said, anchors, sizes = values["said"], values["anchors"], [values["size"]] * len(values["anchors"])
        if isinstance(self.network, SSD):
            answers = self.network.postprocess_detections(said, anchors, sizes)
        else:
            levels = {name: list(one.split(values["levels"], dim=1)) for name, one in said.items()}
            placed = [list(each.split(values["levels"])) for each in anchors]
            answers = self.network.postprocess_detections(levels, placed, sizes)
        return [Found(one["boxes"], one["labels"] - self.background, one["scores"]) for one in answers]

    def names_classes(self, name: str) -> bool:
        """The last layer of the part that classifies."""
        return is_class_layer(name.removeprefix("network."))

    def _matched(self, anchors: Tensor, boxes: Tensor) -> Tensor:
        if not len(boxes):
            return torch.full((len(anchors),), -1, dtype=torch.int64, device=anchors.device)
        found: Tensor = self.network.proposal_matcher(box_iou(boxes, anchors))
        return found
