"""Pictures of any shape as inputs without distortion: scaled to fit, and padded on the right and at the bottom."""

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
from headstart.data.decode import load_pixels, open_source
from headstart.data.geometry import padded_size
from headstart.features.pictures import OfPictures, Pixels, normalise, stack_pictures

__all__ = ["Fitted", "LetterboxPreparation", "fit_picture", "fitted_size", "pad_pixels", "padded_batch", "padded_size"]


@dataclass(frozen=True)
class Fitted:
    """A picture (h, w, C) scaled from its original `size` (height, width): the same factor in both directions."""

    pixels: Pixels
    size: tuple[int, int]

    @property
    def factors(self) -> tuple[float, float]:
        """What a coordinate x and a coordinate y of the original are multiplied by."""
        return self.pixels.shape[1] / self.size[1], self.pixels.shape[0] / self.size[0]


def fitted_size(size: tuple[int, int], facts: InputFacts) -> tuple[int, int]:
    """Height and width that a picture of this height and width gets: as large as fits into `facts.size`."""
    factor = min(facts.size[0] / size[0], facts.size[1] / size[1])
    return max(round(factor * size[0]), 1), max(round(factor * size[1]), 1)


def fit_picture(raw: Any, facts: InputFacts) -> Fitted:
    """A stored picture, scaled. Raises `PictureError` for one that cannot be used."""
    header = open_source(raw).header
    original = (header.height, header.width)
    wanted = facts.model_copy(
        update={"size": fitted_size(original, facts), "crop_mode": "squash", "crop_fraction": 1.0}
    )
    return Fitted(load_pixels(raw, wanted), original)


def pad_pixels(pixels: Pixels, size: tuple[int, int], facts: InputFacts) -> Pixels:
    """The picture with the model's mean colour to the right of it and below."""
    largest = np.iinfo(pixels.dtype).max
    canvas: npt.NDArray[Any] = np.empty((*size, pixels.shape[2]), pixels.dtype)
    canvas[:] = np.rint(np.array(facts.mean) * largest).astype(pixels.dtype)
    canvas[: pixels.shape[0], : pixels.shape[1]] = pixels
    return canvas


def padded_batch(pictures: Sequence[Pixels], facts: InputFacts, *, device: str) -> Tensor:
    """Float32 (N, C, H, W), normalised, of pictures (h, w, C); H and W are multiples of 32."""
    size = padded_size([picture.shape[:2] for picture in pictures])
    stacked = stack_pictures([pad_pixels(picture, size, facts) for picture in pictures])
    return normalise(torch.from_numpy(stacked).to(device), facts)


class LetterboxPreparation(OfPictures):
    """Whole pictures, for tasks that have to say where in them something is."""

    def prepare(self, raws: Sequence[Any]) -> list[Fitted]:
        """Each picture, scaled. Raises `PictureError` for the first that cannot be used."""
        return [fit_picture(raw, self.facts) for raw in raws]

    def batches(self, prepared: Sequence[Fitted], *, device: str) -> list[Indices]:
        """Pictures that are padded to one size run together."""
        del device
        sizes = [padded_size([item.pixels.shape[:2]]) for item in prepared]
        chosen = (np.array([place for place, size in enumerate(sizes) if size == one]) for one in dict.fromkeys(sizes))
        return [places.astype(np.int64) for places in chosen]

    def collate(self, prepared: Sequence[Fitted], *, device: str) -> Tensor:
        """Float32 (N, C, H, W)."""
        return padded_batch([item.pixels for item in prepared], self.facts, device=device)

    def trial(self, inputs: InputColumn, *, items: int, device: str) -> Tensor:
        """Random pictures of the size that the network takes."""
        del inputs
        size = padded_size([self.facts.size])
        return torch.randn(items, self.facts.channels, *size, device=device)
