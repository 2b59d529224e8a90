"""What the backbones of all libraries' detectors share: where their maps are, and what their own head starts from."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from headstart.models.networks.detector import DetectorHead
from headstart.models.networks.headless import HeadlessBackbone
from headstart.models.networks.traced_maps import TRIAL_SIZE


class DetectorBackbone(HeadlessBackbone):
    """A detector without its head. What heads for other classes start from is kept, and is no part of its weights.

    `body.levels(inputs)` gives maps (N, C, H, W), from fine to coarse.
    """

    body: Any
    _kept: dict[str, Tensor] | None = None

    @cached_property
    def _shapes(self) -> tuple[tuple[int, int], ...]:
        """Channels and stride of each map."""
        training = self.body.training
        weight = next(self.body.parameters())
        with torch.no_grad():
            blank = torch.zeros(1, weight.shape[1], TRIAL_SIZE, TRIAL_SIZE, device=weight.device)
            levels = self.body.eval().levels(blank)
        self.body.train(training)
        return tuple((one.shape[1], TRIAL_SIZE // one.shape[2]) for one in levels)

    @property
    def map_channels(self) -> tuple[int, ...]:
        """Those of each map."""
        return tuple(channels for channels, _ in self._shapes)

    @property
    def map_strides(self) -> tuple[int, ...]:
        """The pixels between two cells of each map."""
        return tuple(stride for _, stride in self._shapes)

    @abstractmethod
    def fresh_head(self, labels: int) -> DetectorHead:
        """The detector's head for so many classes, freshly initialised."""
        ...

    def own_head(self, labels: int) -> DetectorHead | None:
        """The head with all that was kept of it, what names the classes fresh; None where the card promises none."""
        if "boxes" not in self.card.gives:
            return None
        head = self.fresh_head(labels)
        if self._kept is not None:
            head.take(self._kept)
        return head

    def take_own_head(self, weights: Mapping[str, Tensor]) -> None:
        """Keep what heads of this backbone start from, as `DetectorHead.take` takes it."""
        self._kept = dict(weights)
