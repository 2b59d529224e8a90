"""The heads of two-stage detectors of torchvision: Faster R-CNN, and Mask and Keypoint R-CNN without their extras."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torchvision.models.detection.image_list import ImageList

from headstart.models.backbone import Features
from headstart.models.networks.detector import DetectorHead, DetectorOutputs, Found, blank
from headstart.models.torchvision.box_head import LEAST_SCORE

CLASSES = "roi_heads.box_predictor."
"""The layer that names the classes, and the one beside it that places a box for each of them."""
COARSEST = "pool"
_EXTRAS = ("mask", "keypoint")
_PARTS = ("roi_pool", "head", "predictor")


class TwoStageHead(DetectorHead):
    """A detector of torchvision without its backbone; its classes are counted from 0, with no background.

    In training the second stage looks at regions that are drawn by what they have in common with the objects (Ren et
    al. 2015), so that both stages run in the loss; in evaluation they run in `forward`.
    """

    def __init__(self, network: Any, *, stride: int) -> None:
        """`stride` is the pixels between two cells of the finest map.

        The network's backbone is taken off, in place, and so is what finds masks and keypoints.
        """
        super().__init__()
        network.backbone = nn.Identity()
        for extra in _EXTRAS:
            for part in _PARTS:
                setattr(network.roi_heads, f"{extra}_{part}", None)
        network.roi_heads.score_thresh = LEAST_SCORE
        self.network: Any = network
        self.stride = stride

    def forward(self, features: Features) -> DetectorOutputs:
        """The maps as they are where a loss may follow, and what is found in evaluation."""
        assert features.maps is not None
        finest = features.maps[0]
        count, high, wide = finest.shape[0], finest.shape[2] * self.stride, finest.shape[3] * self.stride
        values: dict[str, Any] = {"size": (high, wide), "count": count}
        if torch.is_grad_enabled():
            values["maps"] = features.maps
        if not self.training:
            # Boxes in sixteen bits would be off by pixels, and the library computes them in whatever it is given.
            with torch.autocast(finest.device.type, enabled=False):
                maps, images = _named(features.maps), _images(features.maps, (high, wide))
                proposals, _ = self.network.rpn(images, maps, None)
                values["answers"] = self.network.roi_heads(maps, proposals, images.image_sizes, None)[0]
        return DetectorOutputs(self, values)

    def loss(self, values: Mapping[str, Any], boxes: Sequence[Tensor], labels: Sequence[Tensor]) -> Tensor:
        """Cross-entropy and L1 of both stages."""
        targets = [{"boxes": each, "labels": named + 1} for each, named in zip(boxes, labels, strict=True)]
        images, maps = _images(values["maps"], values["size"]), _named(values["maps"])
        with self._compared():
            proposals, first = self.network.rpn(images, maps, targets)
            _, second = self.network.roi_heads(maps, proposals, images.image_sizes, targets)
        return torch.stack([*first.values(), *second.values()]).sum()

    @contextmanager
    def _compared(self) -> Iterator[None]:
        """Both stages look at targets where they are said to be in training; the layers in them stay as they are."""
        stages, before = (self.network.rpn, self.network.roi_heads), self.network.rpn.training
        for stage in stages:
            stage.training = True
        try:
            yield
        finally:
            for stage in stages:
                stage.training = before

    def found(self, values: Mapping[str, Any]) -> list[Found]:
        """What is left after the library has told overlapping boxes apart."""
        return [Found(one["boxes"], one["labels"] - 1, one["scores"]) for one in values["answers"]]

    def names_classes(self, name: str) -> bool:
        """The predictor of the second stage."""
        return name.removeprefix("network.").startswith(CLASSES)


def _named(maps: Sequence[Tensor]) -> dict[str, Tensor]:
    """The maps as the library calls them, in float32; regions are not looked up in the coarsest."""
    names = [*map(str, range(len(maps) - 1)), COARSEST]
    return {name: one.float() for name, one in zip(names, maps, strict=True)}


def _images(maps: Sequence[Tensor], size: tuple[int, int]) -> ImageList:
    count = maps[0].shape[0]
    return ImageList(blank((count, 3, *size), maps[0]), [size] * count)
