"""The network that finds boxes: a small pyramid on a backbone's maps, and one light head for all of its levels.

It is FCOS (Tian et al. 2019) with torchvision's pyramid and narrow towers; beside each box it says how well that fits
(the overlap that is to be expected, Wu et al. 2020) where FCOS says how central its cell is.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torchvision.ops import FeaturePyramidNetwork

from headstart.core.errors import ModelError
from headstart.models.backbone import Backbone, Features

CHANNELS = 64
CONVOLUTIONS = 2
LEAST_STRIDE = 8
LEAST_LEVELS = 3
RARE = 0.01
"""The probability of a class in a cell that the head begins with (Lin et al. 2017)."""
LONGEST = math.log(256.0)
GROUPS = 16


class CellOutputs(NamedTuple):
    """Of N pictures and the K cells of all levels: logits of classes (N, K, C) and of the fit (N, K), edges (N, K, 4).

    `edges` are the distances in pixels from a cell's centre to the left, top, right and bottom. `cells` (K, 3) are the
    centres x and y in pixels of the input, and the stride of the level.
    """

    classes: Tensor
    fit: Tensor
    edges: Tensor
    cells: Tensor


class BoxHead(nn.Module):
    """Takes feature maps; its parts are called `neck`, `class_tower`, `edge_tower`, `classes`, `edges` and `fit`."""

    needs = "maps"

    def __init__(self, backbone: Backbone, labels: int, *, channels: int = CHANNELS) -> None:
        """Raises `ModelError` for a backbone that gives no maps."""
        super().__init__()
        self.places = levels_of(backbone)
        strides = [backbone.map_strides[place] for place in self.places]
        extra = max(LEAST_LEVELS - len(strides), 0)
        self.strides = [*strides, *(strides[-1] * 2 ** (step + 1) for step in range(extra))]
        self.neck = Neck([backbone.map_channels[place] for place in self.places], channels, extra)
        self.class_tower, self.edge_tower = tower(channels), tower(channels)
        self.classes = nn.Conv2d(channels, labels, 3, padding=1)
        self.edges = nn.Conv2d(channels, 4, 3, padding=1)
        self.fit = nn.Conv2d(channels, 1, 3, padding=1)
        self.scales = nn.Parameter(torch.ones(len(self.strides)))
        for layer in (self.classes, self.edges, self.fit):
            nn.init.normal_(layer.weight, std=0.01)
            nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
        nn.init.constant_(self.classes.bias, math.log(RARE / (1 - RARE)))  # type: ignore[arg-type]
        nn.init.constant_(self.edges.bias, math.log(2.0))  # type: ignore[arg-type]

    def forward(self, features: Features) -> CellOutputs:
        """What is said of every cell, the finest level first."""
        assert features.maps is not None
        levels = self.neck([features.maps[place] for place in self.places])
        found = [
            self._level(level, stride, scale)
            for level, stride, scale in zip(levels, self.strides, self.scales, strict=True)
        ]
        classes, fit, edges, cells = zip(*found, strict=True)
        return CellOutputs(torch.cat(classes, 1), torch.cat(fit, 1), torch.cat(edges, 1), torch.cat(cells))

    def _level(self, level: Tensor, stride: int, scale: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        named, placed = self.class_tower(level), self.edge_tower(level)
        # Sixteen bits would move the edges of a large box by pixels.
        with torch.autocast(level.device.type, enabled=False):
            classes, fit = self.classes(named.float()), self.fit(placed.float())
            edges = (self.edges(placed.float()) * scale).clamp(max=LONGEST).exp() * stride
        return (
            classes.flatten(2).transpose(1, 2),
            fit.flatten(1),
            edges.flatten(2).transpose(1, 2),
            cells_of(level.shape[2], level.shape[3], stride, level.device),
        )


class Neck(nn.Module):
    """Torchvision's pyramid, and as many coarser levels on top as are asked for."""

    def __init__(self, widths: list[int], channels: int, extra: int) -> None:
        super().__init__()
        self.pyramid = FeaturePyramidNetwork(widths, channels)
        self.coarser = nn.ModuleList(nn.Conv2d(channels, channels, 3, stride=2, padding=1) for _ in range(extra))

    def forward(self, maps: list[Tensor]) -> list[Tensor]:
        """Maps (N, channels, H, W) from fine to coarse."""
        levels = list(self.pyramid({str(place): one for place, one in enumerate(maps)}).values())
        for layer in self.coarser:
            levels.append(layer(levels[-1].relu()))
        return levels


def levels_of(backbone: Backbone) -> list[int]:
    """Which of the backbone's maps are used: the last of each stride, from 8 pixels on where there are two such."""
    strides = backbone.map_strides
    if not strides:
        raise ModelError(
            f"{backbone.card.id} gives no feature maps, and boxes are looked for in those.",
            hint="Take a convolutional network; headstart models list shows some.",
        )
    last = sorted({stride: place for place, stride in enumerate(strides)}.items())
    coarse = [place for stride, place in last if stride >= LEAST_STRIDE]
    return coarse if len(coarse) > 1 else [place for _, place in last]


def tower(channels: int) -> nn.Sequential:
    """Convolutions with group norms: batches are small, and batch norms of a pretrained body are kept still."""
    layers: list[nn.Module] = []
    for _ in range(CONVOLUTIONS):
        layers += [
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.GroupNorm(GROUPS, channels),
            nn.ReLU(inplace=True),
        ]
    return nn.Sequential(*layers)


def cells_of(height: int, width: int, stride: int, device: torch.device) -> Tensor:
    """(H * W, 3): centres x and y, and the stride."""
    ys = (torch.arange(height, device=device, dtype=torch.float32) + 0.5) * stride
    xs = (torch.arange(width, device=device, dtype=torch.float32) + 0.5) * stride
    y, x = torch.meshgrid(ys, xs, indexing="ij")
    return torch.stack([x, y, torch.full_like(x, stride)], dim=-1).reshape(-1, 3)
