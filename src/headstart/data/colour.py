"""Colour models: whatever a file or an array holds -> planes that can be resized, and those -> the model's channels."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from headstart.data.picture import PictureError

Planes = tuple[Image.Image, ...]
Pixels = npt.NDArray[Any]
MOST_CHANNELS = 16
_ROUND = (1.0, 255.0, 65535.0)


def image_planes(image: Image.Image) -> Planes:
    """One plane of a decoded image: `L`, `RGB`, `RGBA` or, for more than 8 bits of grey, `I;16`."""
    if image.mode.startswith("I") or image.mode == "F":
        return (Image.fromarray(shades16(np.asarray(image))),)
    if image.has_transparency_data:
        return (image if image.mode == "RGBA" else image.convert("RGBA"),)
    if image.mode in ("L", "RGB"):
        return (image,)
    return (image.convert("L" if image.mode == "1" else "RGB"),)


def array_planes(array: Pixels) -> Planes:
    """Planes of an array (H, W) or (H, W, C) of whole numbers, of floats, or of True and False.

    Raises `PictureError` for other shapes and kinds.
    """
    check_array(array)
    shades = _shades(array)
    if shades.ndim == 2 or shades.shape[2] == 1:
        return (Image.fromarray(np.ascontiguousarray(shades.reshape(shades.shape[:2]))),)
    if shades.dtype == np.uint8 and shades.shape[2] in (3, 4):
        return (Image.fromarray(np.ascontiguousarray(shades)),)
    return tuple(Image.fromarray(np.ascontiguousarray(shades[:, :, band])) for band in range(shades.shape[2]))


def check_array(array: Pixels) -> None:
    """Raise `PictureError` for an array that is no picture (H, W) or (H, W, C)."""
    if array.ndim not in (2, 3) or array.size == 0 or (array.ndim == 3 and array.shape[2] > MOST_CHANNELS):
        raise PictureError("unfit", f"an array of shape {array.shape}; (H, W) or (H, W, C) is needed")
    if array.dtype.kind not in "buif":
        raise PictureError("unfit", f"an array of {array.dtype}; numbers are needed")


def shades16(array: Pixels) -> npt.NDArray[np.uint16]:
    """Numbers of any kind as 16-bit shades.

    Whole numbers of 0 to 65535 stay as they are; everything else follows the rule `FLOAT` of `data.picture`. Raises
    `PictureError` for numbers that are not finite.
    """
    if array.dtype == np.uint16:
        return array
    low, high = array.min(), array.max()
    if array.dtype.kind in "iu" and low >= 0 and high <= 65535:
        return array.astype(np.uint16)
    if not (np.isfinite(low) and np.isfinite(high)):
        raise PictureError("damaged", "holds numbers that are not finite")
    scaled = array.astype(np.float64)
    top = next((top for top in _ROUND if high <= top), None) if low >= 0 else None
    if top is not None:
        scaled *= 65535 / top
    else:
        scaled -= float(low)
        scaled *= 65535 / max(float(high) - float(low), np.finfo(np.float64).tiny)
    return np.rint(scaled).astype(np.uint16)


def _shades(array: Pixels) -> Pixels:
    """The array as uint8 or uint16."""
    if array.dtype == np.uint8:
        return array
    if array.dtype == np.bool_:
        return array.astype(np.uint8) * np.uint8(255)
    if array.dtype.kind in "iu" and array.dtype != np.uint16 and array.min() >= 0 and array.max() <= 255:
        return array.astype(np.uint8)
    return shades16(array)


def fit_channels(planes: Planes, channels: int) -> Planes:
    """Planes with the bands that a model of so many channels takes; grey stays one plane, for `stack` to repeat.

    Raises `PictureError` where there is no rule, as for colour and a model of five channels.
    """
    bands = sum(len(plane.getbands()) for plane in planes)
    if bands == channels or (bands == 1 and channels != 4) or (channels == 4 and bands == 3):
        return planes if channels != 4 or bands != 3 else _opaque(planes)
    if len(planes) == 1:
        return _fit_image(planes[0], channels)
    if channels in (1, 3):
        return _fit_bands(planes, channels)
    raise _no_rule(bands, channels)


def stack(planes: Planes, channels: int) -> Pixels:
    """uint8 or uint16 (H, W, C) of resized planes; a single band is repeated."""
    arrays = [np.asarray(plane) for plane in planes]
    pixels = arrays[0] if len(arrays) == 1 else np.stack(arrays, axis=2)
    if pixels.ndim == 2:
        pixels = pixels[:, :, None]
    if pixels.shape[2] == 1 and channels > 1:
        pixels = np.repeat(pixels, channels, axis=2)
    return np.ascontiguousarray(pixels)


def on_white(image: Image.Image) -> Image.Image:
    """The `RGB` image that an `RGBA` one looks like on white paper."""
    paper = Image.new("RGBA", image.size, (255, 255, 255, 255))
    return Image.alpha_composite(paper, image).convert("RGB")


def _fit_image(image: Image.Image, channels: int) -> Planes:
    if image.mode == "RGBA" and channels in (1, 3):
        flat = on_white(image)
        return (flat.convert("L") if channels == 1 else flat,)
    if image.mode == "RGB" and channels == 1:
        return (image.convert("L"),)
    if len(image.getbands()) == 1 and channels == 4:
        return (image.convert("RGBA"),) if image.mode == "L" else (image, image, image, _full(image))
    raise _no_rule(len(image.getbands()), channels)


def _fit_bands(planes: Planes, channels: int) -> Planes:
    """Two bands are grey and alpha; of more, the first three are taken."""
    if len(planes) == 2:
        grey, alpha = (np.asarray(plane).astype(np.float64) for plane in planes)
        top = 65535 if planes[0].mode == "I;16" else 255
        shown = np.rint(grey * alpha / top + (top - alpha))
        return (Image.fromarray(shown.astype(np.asarray(planes[0]).dtype)),)
    if channels == 3:
        return planes[:3]
    red, green, blue = (np.asarray(plane).astype(np.float64) for plane in planes[:3])
    luma = np.rint(0.299 * red + 0.587 * green + 0.114 * blue)  # as Pillow's own conversion to grey
    return (Image.fromarray(luma.astype(np.asarray(planes[0]).dtype)),)


def _opaque(planes: Planes) -> Planes:
    return (planes[0].convert("RGBA"),) if len(planes) == 1 else (*planes, _full(planes[0]))


def _full(like: Image.Image) -> Image.Image:
    shades = np.asarray(like)
    return Image.fromarray(np.full_like(shades, np.iinfo(shades.dtype).max))


def _no_rule(bands: int, channels: int) -> PictureError:
    return PictureError("unfit", f"has {bands} channels where the model takes {channels}")
