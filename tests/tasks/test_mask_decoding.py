from __future__ import annotations

import numpy as np
import torch

from headstart.core.card import InputFacts
from headstart.data.geometry import padded_size
from headstart.features.tiles import TiledPreparation
from headstart.tasks.mask_decoding import decode_mask

FACTS = InputFacts(size=(64, 96), scale=1.0, crop_mode="squash", crop_fraction=1.0, mean=(0.0,) * 3, std=(1.0,) * 3)


def striped(height: int, width: int) -> np.ndarray:
    """Stripes that are too narrow to be seen once the picture is scaled to fit."""
    picture = np.zeros((height, width, 3), np.uint8)
    picture[:, (np.arange(width) // 4) % 2 == 1] = 255
    return picture


def test_a_far_larger_picture_is_told_tile_by_tile() -> None:
    preparation = TiledPreparation(FACTS)
    picture = striped(150, 330)
    (item,) = preparation.prepare([picture])
    assert len(item.views) > 5
    inputs = preparation.collate([item], device="cpu")
    bright = inputs[:, :1] * 10 - 5  # a network that sees what is bright, at full size
    found = decode_mask(torch.cat([-bright, bright], dim=1), item, padded_size([(64, 96)]))
    assert found.shape == (150, 330)
    assert (found == (picture[:, :, 0] > 0)).all()


def test_a_picture_as_in_training_is_told_as_a_whole() -> None:
    preparation = TiledPreparation(FACTS)
    (item,) = preparation.prepare([striped(64, 96)])
    bright = preparation.collate([item], device="cpu")[:, :1] * 10 - 5
    found = decode_mask(torch.cat([-bright, bright], dim=1), item, padded_size([(64, 96)]))
    assert (found == (striped(64, 96)[:, :, 0] > 0)).all()
