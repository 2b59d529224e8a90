from __future__ import annotations

import numpy as np

from headstart.tasks.pixel_answer import PixelAnswer


def test_packed_and_back() -> None:
    pixels = np.random.default_rng(0).integers(-1, 300, (7, 11)).astype(np.int16)
    assert (PixelAnswer.of(pixels).pixels() == pixels).all()
    assert (PixelAnswer.of(np.asfortranarray(pixels)).pixels() == pixels).all()


def test_large_areas_of_one_class_take_little() -> None:
    assert len(PixelAnswer.of(np.zeros((1000, 1000), np.int16)).packed) < 20_000
