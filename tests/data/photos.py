"""Pictures made for the tests of decoding: a scene with edges and shades, and the files that it can be kept in."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image


def scene(width: int = 64, height: int = 48, *, seed: int = 0) -> npt.NDArray[np.uint8]:
    """A smooth random picture (H, W, 3): every seed another one, with contrast in all of it."""
    small = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC))


def encoded(picture: npt.NDArray[Any] | Image.Image, format: str = "PNG", **options: Any) -> bytes:
    """The bytes of a file."""
    buffer = io.BytesIO()
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    image.save(buffer, format, **options)
    return buffer.getvalue()


def oriented(picture: npt.NDArray[np.uint8], orientation: int, format: str = "JPEG") -> bytes:
    """A file whose EXIF data say how it is to be turned."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    return encoded(picture, format, exif=exif)


def deep_colour_png(width: int, height: int, shade: int) -> bytes:
    """A PNG of 16 bits for each of three channels, which Pillow reads but does not write."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    rows = b"".join(b"\0" + np.full((width, 3), shade, ">u2").tobytes() for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def png_of_claimed_size(width: int, height: int) -> bytes:
    """A PNG whose head claims a size that its data do not have: what a decompression bomb looks like from outside."""
    content = encoded(Image.new("L", (1, 1)))
    head = b"IHDR" + struct.pack(">II", width, height) + content[24:29]
    return content[:12] + head + struct.pack(">I", zlib.crc32(head)) + content[33:]
