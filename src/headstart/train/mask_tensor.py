"""The classes of pixels of a training picture, as the loss takes them."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from headstart.core.targets import Mask
from headstart.train.placement import Placement, place_mask


def mask_tensor(mask: Mask, placement: Placement) -> Tensor:
    """Int64 (H, W) of the canvas, `IGNORED` around the picture."""
    return torch.from_numpy(place_mask(mask.pixels(), placement).astype(np.int64))
