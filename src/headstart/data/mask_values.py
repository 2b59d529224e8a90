"""The numbers or colours that a mask file holds, pixel by pixel, before anything is known of classes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from headstart.data.opening import DAMAGE, damaged, open_bytes
from headstart.data.picture import PictureError

Integers = npt.NDArray[np.int32]
BORDER = 255
"""The number that most data sets give to pixels without a class."""
NO_COLOUR, NO_CLASS = -1, -2
"""What a palette says of numbers beyond those that it gives colours to, and of `BORDER` among them."""


@dataclass(frozen=True)
class RawMask:
    """`values` is (H, W) as stored: numbers, or colours as red * 65536 + green * 256 + blue where `coloured`.

    `palette` (256,) holds the colours that the numbers stand for, where the file says so: `NO_COLOUR` or `NO_CLASS` for
    what is only filled up with a colour that an earlier number has. `lossy` is a format that smears.
    """

    values: Integers
    coloured: bool = False
    palette: Integers | None = None
    lossy: bool = False


@dataclass(frozen=True)
class MaskFacts:
    """What is in one mask file: each value and how many pixels have it (V,), and `size`, its width and height.

    `content` is a hash of the values.
    """

    values: Integers
    counts: npt.NDArray[np.int64]
    size: tuple[int, int]
    coloured: bool
    palette: Integers | None
    lossy: bool
    content: bytes = b""


def read_mask(content: bytes) -> RawMask:
    """Decode a mask. Raises `PictureError` where the bytes are no picture, or of a kind that cannot hold classes."""
    image = open_bytes(content)
    lossy = image.format == "JPEG" or (image.format in ("WEBP", "AVIF"))
    try:
        image.load()
    except DAMAGE as error:
        raise damaged(image.format or "", error) from error
    if image.mode == "P":
        return RawMask(np.asarray(image).astype(np.int32), palette=_palette(image), lossy=lossy)
    if image.mode == "1":
        return RawMask(np.asarray(image).astype(np.int32), palette=_filled([0, 0xFFFFFF]), lossy=lossy)
    if image.mode in ("L", "I", "I;16", "I;16B", "I;16L", "I;16N"):
        return RawMask(np.asarray(image).astype(np.int32), lossy=lossy)
    if image.mode in ("LA", "La"):
        return RawMask(np.asarray(image)[..., 0].astype(np.int32), lossy=lossy)
    if image.mode in ("RGB", "RGBA", "RGBX", "CMYK", "YCbCr"):
        pixels = np.asarray(image.convert("RGB") if image.mode in ("CMYK", "YCbCr") else image).astype(np.int32)
        if (pixels[..., 0] == pixels[..., 1]).all() and (pixels[..., 1] == pixels[..., 2]).all():
            return RawMask(pixels[..., 0], palette=np.arange(256, dtype=np.int32) * 0x10101, lossy=lossy)
        return RawMask(pixels[..., 0] << 16 | pixels[..., 1] << 8 | pixels[..., 2], coloured=True, lossy=lossy)
    raise PictureError("unfit", f"a mask holds whole numbers or colours, not pixels of mode {image.mode}")


def facts_of(raw: RawMask) -> MaskFacts:
    """Values and how many pixels have each."""
    values = raw.values
    if values.size and int(values.min()) >= 0 and int(values.max()) < 65536:
        counts = np.bincount(values.ravel())
        found = np.flatnonzero(counts).astype(np.int32)
        numbers = counts[found].astype(np.int64)
    else:
        found, numbers = np.unique(values, return_counts=True)
    content = hashlib.blake2b(np.ascontiguousarray(values).tobytes(), digest_size=16).digest()
    size = (values.shape[1], values.shape[0])
    return MaskFacts(
        found.astype(np.int32), numbers.astype(np.int64), size, raw.coloured, raw.palette, raw.lossy, content
    )


def colour_name(value: int) -> str:
    """A colour as people write it: `128 64 0`."""
    return f"{value >> 16} {value >> 8 & 255} {value & 255}"


def turned(pixels: npt.NDArray[Any], orientation: int) -> npt.NDArray[Any]:
    """(H, W) pixels as they are stored -> upright, as the EXIF orientation (1 to 8) says."""
    if orientation >= 5:
        pixels = pixels.T
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)


def _palette(image: Image.Image) -> Integers | None:
    colours = image.getpalette("RGB")
    if not colours:
        return None
    given = np.array(colours, np.int32).reshape(-1, 3)[:256]
    return _filled((given[:, 0] << 16 | given[:, 1] << 8 | given[:, 2]).tolist())


def _filled(colours: Sequence[int]) -> Integers:
    """A palette of 256 from one that may be shorter, or filled up with a colour that it has already."""
    table = np.zeros(256, np.int32)
    table[: len(colours)] = colours
    others = np.flatnonzero(table != table[-1])
    used = int(others[-1]) + 1 if len(others) else 0
    if table[-1] in table[:used]:
        table[used:] = NO_COLOUR
        table[BORDER] = NO_CLASS
    return table
