"""A stored picture as people look at it: upright, all of it, in colours of eight bits."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image

from headstart.core.card import InputFacts
from headstart.data.decode import load_pixels, open_source


def whole_picture(raw: Any) -> Image.Image:
    """The picture. Raises `PictureError` for one that cannot be used."""
    header = open_source(raw).header
    facts = InputFacts(size=(header.height, header.width), crop_mode="squash", crop_fraction=1.0)
    pixels = load_pixels(raw, facts)
    return Image.fromarray(pixels if pixels.dtype == np.uint8 else (pixels >> 8).astype(np.uint8))
