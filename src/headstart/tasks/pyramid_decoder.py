"""Feature maps of several resolutions -> one fine map, from coarse to fine: the neck of a segmenter."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn.functional import adaptive_avg_pool2d, interpolate

FINEST = 4
"""Maps with fewer pixels between two cells are left out: they cost most and say least of classes."""
GROUP = 16
"""Channels that are normalised together."""


class PyramidDecoder(nn.Module):
    """Each map is brought to `width` channels and added to the coarser one, brought to its size, then mixed.

    The structure is that of a feature pyramid (Lin et al. 2017) with the mean of the coarsest map as context (Liu et
    al. 2015) and separable convolutions (Chen et al. 2018). Groups of channels are normalised, so that it learns from
    batches of a few pictures.
    """

    def __init__(self, channels: Sequence[int], *, width: int) -> None:
        super().__init__()
        self.lateral = nn.ModuleList(_pointwise(count, width) for count in channels)
        self.mix = nn.ModuleList(_separable(width) for _ in channels)
        self.context = nn.Sequential(
            nn.Conv2d(channels[-1], width, 1), nn.ReLU(inplace=True), nn.Conv2d(width, width, 1)
        )

    def forward(self, maps: Sequence[Tensor]) -> Tensor:
        """(N, width, H, W) of the size of the finest of the maps (N, C, H, W), which go from fine to coarse."""
        fine: Tensor = self.context(adaptive_avg_pool2d(maps[-1], 1))
        for place in reversed(range(len(maps))):
            size = maps[place].shape[2:]
            if place < len(maps) - 1 and fine.shape[2:] != size:
                fine = interpolate(fine, size=size, mode="bilinear", align_corners=False)
            fine = self.mix[place](self.lateral[place](maps[place]) + fine)
        return fine


def used_maps(strides: Sequence[int]) -> list[int]:
    """The places of the maps that are decoded: all but too fine ones, unless there are only such."""
    kept = [place for place, stride in enumerate(strides) if stride >= FINEST]
    return kept or [len(strides) - 1]


def _pointwise(before: int, after: int) -> nn.Module:
    return nn.Sequential(nn.Conv2d(before, after, 1, bias=False), nn.GroupNorm(after // GROUP, after))


def _separable(width: int) -> nn.Module:
    return nn.Sequential(
        nn.ReLU(inplace=True),
        nn.Conv2d(width, width, 3, padding=1, groups=width, bias=False),
        nn.Conv2d(width, width, 1, bias=False),
        nn.GroupNorm(width // GROUP, width),
        nn.ReLU(inplace=True),
    )
