"""An encoded picture, array or Pillow image -> pixels as a model wants them, never a substitute for a broken one."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from PIL import Image

from headstart.core.card import InputFacts
from headstart.data.bands import BandedTiff, banded_tiff
from headstart.data.colour import array_planes, check_array, fit_channels, image_planes, shades16, stack
from headstart.data.geometry import CropBox, cut, cut_in_two_steps, frame_for
from headstart.data.jpeg import JpegFrame, decode_jpeg, jpeg_frame, jpeg_reduction
from headstart.data.opening import DAMAGE, check_size, damaged, header_of, open_bytes, orientation_of
from headstart.data.picture import Header, Picture, PictureError, corner, upright_size

__all__ = ["CropBox", "Picture", "PictureError", "load_pixels", "open_picture"]

Raw = bytes | npt.NDArray[Any] | Image.Image

DECODING = 2
"""Raised whenever the same bytes give other pixels: what caches made of the old ones is then out of date."""

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_ORIENTED = (b"Exif\0\0", b"tiff:Orientation", b"Raw profile type exif")


class Source(Protocol):
    """A picture that has been recognised and measured; `decode` does the rest."""

    header: Header

    def reduction(self, factor: float) -> int:
        """The scale at which decoding still gives at least 1 / `factor` of the size."""
        ...

    def decode(self, *, reduction: int = 1, grey: bool = False) -> tuple[Image.Image, ...]:
        """Upright planes; `grey` says that colour will not be needed. Raises `PictureError`."""
        ...


def open_picture(raw: Raw, *, at_least: int | None = None) -> Picture:
    """Decode a picture: encoded bytes, an array (H, W) or (H, W, C), or a Pillow image.

    With `at_least`, a JPEG may be decoded smaller, as long as its shorter side keeps that many pixels. Raises
    `PictureError`, whose `reason` says in a few words what is wrong with it.
    """
    source = open_source(raw, count_frames=True)
    reduction = 1
    if at_least is not None:
        reduction = source.reduction(min(source.header.width, source.header.height) / at_least)
    return Picture(source.header, source.decode(reduction=reduction), reduction)


def load_pixels(
    raw: Raw, facts: InputFacts, *, crop: CropBox | bool = True, mirrored: bool = False, draft: bool = True
) -> npt.NDArray[Any]:
    """Pixels (H, W, C) as the model wants them: uint8, or uint16 (to be divided by 65535) where the source is deeper.

    `crop` True is the model's own evaluation, resize and centre crop, to `facts.size`; a `CropBox` resizes that part to
    it instead; False gives the whole picture, reduced as far as the evaluation would. `draft` allows a JPEG to be
    decoded at a reduced scale that still covers the result, and resizing and cropping in one step; without it, an
    ordinary photo comes out as timm's own evaluation transform makes it, within 2/255. Raises `PictureError`.
    """
    source = open_source(raw)
    frame = frame_for((source.header.width, source.header.height), facts, crop=crop)
    reduction = source.reduction(frame.factor) if draft else 1
    planes = fit_channels(source.decode(reduction=reduction, grey=facts.channels == 1), facts.channels)
    if draft:
        place = corner(source.header, planes[0].size, reduction=reduction)
        planes = tuple(cut(plane, frame, facts=facts, reduction=reduction, corner=place) for plane in planes)
    else:
        planes = tuple(cut_in_two_steps(plane, frame, facts=facts) for plane in planes)
    pixels = stack(planes, facts.channels)
    return np.ascontiguousarray(pixels[:, ::-1]) if mirrored else pixels


def open_source(raw: Raw, *, count_frames: bool = False) -> Source:
    """Recognise and measure a picture. Raises `PictureError` where it is none or larger than the limit."""
    if isinstance(raw, np.ndarray):
        return _ArraySource(raw)
    if isinstance(raw, Image.Image):
        return _ImageSource(raw, header_of(raw, count_frames=count_frames))
    if not isinstance(raw, bytes):
        raise PictureError("unfit", f"a {type(raw).__name__}; bytes, an array or a Pillow image are needed")
    frame = jpeg_frame(raw)
    if frame is not None:
        return _JpegSource(raw, frame)
    banded = banded_tiff(raw)
    if banded is not None:
        return _BandedSource(banded)
    image = open_bytes(raw)
    return _ImageSource(image, header_of(image, raw, count_frames=count_frames))


class _JpegSource:
    def __init__(self, raw: bytes, frame: JpegFrame) -> None:
        check_size(frame.width, frame.height)
        self.raw, self.frame = raw, frame
        orientation = _jpeg_orientation(raw)
        width, height = upright_size((frame.width, frame.height), orientation)
        self.header = Header("JPEG", "L" if frame.grey else "RGB", width, height, orientation=orientation)

    def reduction(self, factor: float) -> int:
        return jpeg_reduction(factor)

    def decode(self, *, reduction: int = 1, grey: bool = False) -> tuple[Image.Image, ...]:
        pixels = decode_jpeg(self.raw, self.frame, reduction=reduction, grey=grey)
        return (_upright(Image.fromarray(pixels), self.header.orientation),)


class _ImageSource:
    def __init__(self, image: Image.Image, header: Header) -> None:
        self.image, self.header = image, header

    def reduction(self, factor: float) -> int:
        del factor
        return 1

    def decode(self, *, reduction: int = 1, grey: bool = False) -> tuple[Image.Image, ...]:
        del reduction, grey
        try:
            self.image.load()
            # Pillow has turned a TIFF file by now.
            orientation = self.header.orientation if self.image.format != "TIFF" else 1
            upright = _upright(self.image, orientation)
            return image_planes(upright)
        except PictureError:
            raise
        except MemoryError as error:
            raise PictureError("too large", "needs more memory than there is") from error
        except DAMAGE as error:
            raise damaged(self.header.format, error) from error


class _BandedSource:
    def __init__(self, file: BandedTiff) -> None:
        self.file, self.header = file, file.header

    def reduction(self, factor: float) -> int:
        del factor
        return 1

    def decode(self, *, reduction: int = 1, grey: bool = False) -> tuple[Image.Image, ...]:
        del reduction, grey
        bands = self.file.decode()
        if bands.dtype.kind == "f":
            bands = shades16(bands)  # on one scale, whichever bands hold the largest numbers
        planes = (plane for band in range(bands.shape[2]) for plane in array_planes(bands[:, :, band]))
        return tuple(_upright(plane, self.header.orientation) for plane in planes)


class _ArraySource:
    def __init__(self, array: npt.NDArray[Any]) -> None:
        check_array(array)
        self.array = array
        bands = 1 if array.ndim == 2 else array.shape[2]
        mode = {1: "F" if array.dtype.kind == "f" else "L", 3: "RGB", 4: "RGBA"}.get(bands, f"{bands} bands")
        depth = 8 if array.dtype.itemsize == 1 else 16 if array.dtype == np.uint16 else 32
        self.header = Header("array", mode, array.shape[1], array.shape[0], depth=depth, transparent=bands == 4)

    def reduction(self, factor: float) -> int:
        del factor
        return 1

    def decode(self, *, reduction: int = 1, grey: bool = False) -> tuple[Image.Image, ...]:
        del reduction, grey
        return array_planes(self.array)


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    return image.transpose(_TURNS[orientation]) if orientation in _TURNS else image


def _jpeg_orientation(raw: bytes) -> int:
    """Pillow is asked only where the head of the file speaks of one: opening costs as much as a small photo."""
    head = raw[:262144]
    return orientation_of(open_bytes(raw)) if any(mark in head for mark in _ORIENTED) else 1
