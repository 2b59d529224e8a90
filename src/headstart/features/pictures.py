"""From decoded pictures to the input of a network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from headstart.core.card import InputFacts
from headstart.core.dataset import Indices, InputColumn
from headstart.core.ledger import Event
from headstart.data.decode import DECODING, load_pixels
from headstart.data.scan import content_hash

Pixels = npt.NDArray[Any]
PIXELS_PER_THREAD = 4 * 224 * 224
PIXELS_PER_ACCELERATOR = 128 * 224 * 224


@dataclass(frozen=True)
class OfPictures:
    """What all ways to make pictures ready have in common."""

    facts: InputFacts
    version = DECODING

    def content_hash(self, raw: Any) -> bytes:
        """The hash of the encoded bytes, or of the pixels."""
        return content_hash(raw)

    def at_once(self, device: str) -> int:
        """As many as run at once."""
        return batch_size_for(self.facts, device)

    def passes(self, inputs: InputColumn) -> float:
        """One."""
        del inputs
        return 1.0

    def losses(self, inputs: InputColumn) -> list[Event]:
        """Nothing: every picture is brought to the network's size."""
        del inputs
        return []


class PicturePreparation(OfPictures):
    """Pictures decoded, resized, cropped and normalised."""

    def prepare(self, raws: Sequence[Any]) -> list[Pixels]:
        """Pixels (H, W, C) of 8 or 16 bits."""
        return [load_pixels(raw, self.facts) for raw in raws]

    def batches(self, prepared: Sequence[Pixels], *, device: str) -> list[Indices]:
        """All of them together: pictures are of one size."""
        del device
        return [np.arange(len(prepared), dtype=np.int64)]

    def collate(self, prepared: Sequence[Pixels], *, device: str) -> Tensor:
        """Float32 (N, C, H, W), in channels-last layout."""
        return normalise(torch.from_numpy(stack_pictures(prepared)).to(device), self.facts)

    def trial(self, inputs: InputColumn, *, items: int, device: str) -> Tensor:
        """Random pictures of the size that the network takes."""
        del inputs
        return torch.randn(items, self.facts.channels, *self.facts.size, device=device)


def batch_size_for(facts: InputFacts, device: str) -> int:
    """How many pictures a compute thread runs at once.

    On a processor so few that what one layer hands to the next stays in the caches: 4 pictures of 224 pixels.
    """
    pixels = PIXELS_PER_THREAD if device == "cpu" else PIXELS_PER_ACCELERATOR
    return min(max(pixels // (facts.size[0] * facts.size[1]), 1), 512)


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
