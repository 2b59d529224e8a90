"""JPEG decoded at the smallest scale that will do, by libjpeg-turbo.

Pillow's own decoder gives the same pixels at the same scale. This one is preferred because it reports a picture whose
data end early although its end marker is there: Pillow would hand that over with the rest filled in grey. It is also
faster, a little for large photos and about twice for small ones.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy.typing as npt
import simplejpeg

from headstart.data.picture import PictureError

START = b"\xff\xd8\xff"
SCALES = (8, 4, 2)
# libjpeg's words for data that end before the picture does; its other warnings are about harmless oddities.
_ENDS_EARLY = "remature end of"


class JpegFrame(NamedTuple):
    """Size as stored, and whether the picture is grey."""

    width: int
    height: int
    grey: bool


def jpeg_frame(raw: bytes) -> JpegFrame | None:
    """The frame of a JPEG that `decode_jpeg` can decode; None for another format, a damaged header, or CMYK."""
    if not raw.startswith(START):
        return None
    try:
        height, width, colours, _ = simplejpeg.decode_jpeg_header(raw, strict=False)
    except (ValueError, KeyError):  # Pillow gets the file next, and finds the words for what is wrong with it
        return None
    if colours not in ("YCbCr", "RGB", "Gray"):
        return None
    return JpegFrame(width, height, colours == "Gray")


def decode_jpeg(raw: bytes, frame: JpegFrame, *, reduction: int = 1, grey: bool = False) -> npt.NDArray[Any]:
    """uint8 (H, W, 3), or (H, W) where the picture or the wish is grey, at 1 / `reduction` (1, 2, 4 or 8) of the size.

    Raises `PictureError` for truncated or damaged data.
    """
    colours = "GRAY" if grey or frame.grey else "RGB"
    size = {"min_height": -(-frame.height // reduction), "min_width": -(-frame.width // reduction)}
    try:
        pixels: npt.NDArray[Any] = simplejpeg.decode_jpeg(raw, colours, strict=True, **size)
    except ValueError as error:
        if _ENDS_EARLY in str(error):
            raise PictureError("truncated", "truncated JPEG") from error
        pixels = _lenient(raw, colours, size)
    return pixels[:, :, 0] if colours == "GRAY" else pixels


def _lenient(raw: bytes, colours: str, size: dict[str, int]) -> npt.NDArray[Any]:
    try:
        pixels: npt.NDArray[Any] = simplejpeg.decode_jpeg(raw, colours, strict=False, **size)
    except ValueError as error:
        raise PictureError("damaged", "damaged JPEG") from error
    return pixels


def jpeg_reduction(factor: float) -> int:
    """The largest scale of the decoder (1, 2, 4 or 8) that shrinks a picture by no more than `factor`."""
    return next((scale for scale in SCALES if scale <= factor), 1)
