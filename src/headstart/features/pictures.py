"""From decoded pictures to the input of a network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from headstart.core.card import InputFacts

Pixels = npt.NDArray[Any]


def stack_pictures(pictures: Sequence[Pixels]) -> Pixels:
    """(N, H, W, C) of pictures (H, W, C) of 8 or 16 bits; where there are both, 8 bits are widened to 16."""
    if len({picture.dtype for picture in pictures}) > 1:
        wide = np.uint16(257)
        pictures = [picture * wide if picture.dtype == np.uint8 else picture for picture in pictures]
    return np.stack(pictures)


def normalise(pictures: Tensor, facts: InputFacts) -> Tensor:
    """Float32 (N, C, H, W), in channels-last layout, of uint8 or uint16 (N, H, W, C) pictures."""
    largest = 255.0 if pictures.dtype == torch.uint8 else 65535.0
    mean, std = (
        torch.tensor(values, dtype=torch.float32, device=pictures.device) * largest
        for values in (facts.mean, facts.std)
    )
    return pictures.to(torch.float32).sub_(mean).div_(std).permute(0, 3, 1, 2)
