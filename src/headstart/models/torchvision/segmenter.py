"""Segmenters of torchvision: what their classifier of pixels sees are the features that they were trained for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional
from torchvision.models import list_models, segmentation
from torchvision.models.segmentation.deeplabv3 import ASPPPooling
from torchvision.models.segmentation.fcn import FCN
from torchvision.models.segmentation.lraspp import LRASPP, LRASPPHead

from headstart.models.networks.source_head import SourceHead

SEGMENTERS = (FCN, segmentation.DeepLabV3, LRASPP)
# A classifier on the way, which only helps training on the source task.
PIXELS_ON_THE_WAY = "aux_classifier."
# Of LR-ASPP's two classifiers, whose logits are added up: of the fine map, and of the coarse one.
LOW, HIGH = "classifier.low_classifier", "classifier.high_classifier"


def segmenters() -> list[str]:
    """Every segmenter of torchvision."""
    found: list[str] = list_models(module=segmentation)
    return found


def pixel_classifier(network: nn.Module) -> str:
    """The name of the last convolution that makes logits."""
    if isinstance(network, LRASPP):
        return HIGH
    return f"classifier.{len(cast(nn.Sequential, network.classifier)) - 1}"


def split_segmenter(network: nn.Module) -> tuple[nn.Module, SourceHead | None]:
    """Take the classifier of pixels off: the body, and the head of what is taken off."""
    if isinstance(network, LRASPP):
        low, high = cast(nn.Conv2d, network.get_submodule(LOW)), cast(nn.Conv2d, network.get_submodule(HIGH))
        head = SourceHead.of(_added_up(low, high))
        network.classifier = TwoMaps(network.classifier)
    else:
        layers = cast(nn.Sequential, network.classifier)
        head = SourceHead.of(layers[-1])
        layers[-1] = nn.Identity()
        if isinstance(layers[-2], nn.Dropout):
            layers[-2] = nn.Identity()  # dropout before the head belongs to the head
    for name, module in list(network.named_modules()):
        if isinstance(module, ASPPPooling):
            network.set_submodule(f"{name}.2", NormOfFew.of(cast(nn.BatchNorm2d, module[2])))
    return Segmenter(network), head


class Segmenter(nn.Module):
    """A segmenter without its classifier of pixels; what that would see is not enlarged to the size of the picture."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.backbone = network.get_submodule("backbone")
        self.classifier = network.get_submodule("classifier")
        self._all = isinstance(network, LRASPP)

    def forward(self, inputs: Tensor) -> Tensor:
        """(N, D): the mean over the cells of what the classifier of pixels would see."""
        maps: Mapping[str, Tensor] = self.backbone(inputs)
        seen: Tensor = self.classifier(maps if self._all else maps["out"])
        return seen.mean((2, 3))


class TwoMaps(nn.Module):
    """LR-ASPP's head without its two classifiers: what they would see, side by side at the size of the finer map."""

    def __init__(self, head: nn.Module) -> None:
        super().__init__()
        assert isinstance(head, LRASPPHead)
        self.cbr, self.scale = head.cbr, head.scale

    def forward(self, maps: Mapping[str, Tensor]) -> Tensor:
        """(N, D, H, W) of the maps `low` and `high`."""
        high = self.cbr(maps["high"]) * self.scale(maps["high"])
        size = maps["low"].shape[2:]
        return torch.cat([maps["low"], functional.interpolate(high, size=size, mode="bilinear")], 1)


class NormOfFew(nn.BatchNorm2d):
    """A batch norm of the means of whole pictures: a batch of one picture has no deviation, and takes the running one.

    torchvision's own refuses such a batch while it trains.
    """

    @classmethod
    def of(cls, norm: nn.BatchNorm2d) -> NormOfFew:
        """The same layer with the same weights."""
        new = cls(norm.num_features, norm.eps, norm.momentum).to(norm.weight.device)
        if not norm.weight.is_meta:
            new.load_state_dict(norm.state_dict())
        return new

    def forward(self, inputs: Tensor) -> Tensor:
        """Of (N, C, 1, 1)."""
        if self.training and inputs.numel() == inputs.shape[1]:
            return functional.batch_norm(
                inputs, self.running_mean, self.running_var, self.weight, self.bias, training=False, eps=self.eps
            )
        return super().forward(inputs)


def _added_up(low: nn.Conv2d, high: nn.Conv2d) -> nn.Conv2d:
    """One convolution of both maps side by side, whose logits are the sum of the two."""
    both = nn.Conv2d(low.in_channels + high.in_channels, low.out_channels, 1, device=low.weight.device)
    with torch.no_grad():
        both.weight.copy_(torch.cat([low.weight, high.weight], 1))
        if both.bias is not None and low.bias is not None and high.bias is not None:
            both.bias.copy_(low.bias + high.bias)
    return both
