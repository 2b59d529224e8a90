"""Bytes -> a Pillow image that has been recognised and measured, but not decoded."""

from __future__ import annotations

import io
import os
import struct
import zlib
from threading import Lock

from PIL import ExifTags, Image, UnidentifiedImageError

from headstart.core.errors import OptionError
from headstart.data.picture import Header, PictureError, upright_size

MAX_PIXELS = 300_000_000
"""Larger pictures are refused unopened, as decompression bombs; `HEADSTART_MAX_PIXELS` sets another limit."""

# The raster formats of Pillow that people photograph and export in. Left out: those that run another program (EPS),
# that name other files, or that nobody uses.
FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "AVIF", "DIB", "PPM", "JPEG2000", "ICO", "TGA")
# What Pillow's decoders raise over damaged files.
DAMAGE = (
    OSError, SyntaxError, ValueError, EOFError, LookupError, TypeError, ArithmeticError, AttributeError, RuntimeError,
    struct.error, zlib.error,
)  # fmt: skip
_BEGINNINGS = {
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"\xff\xd8": "JPEG",
    b"GIF8": "GIF",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
}
_OTHERS = {
    b"%PDF": "a PDF file",
    b"PK\x03\x04": "a ZIP archive",
    b"\x1f\x8b": "a gzip archive",
    b"\x93NUMPY": "a NumPy file",
    b"version https://git-lfs": "a Git LFS pointer: fetch the file with git lfs pull",
}
_HEIF = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1")
_open = Lock()


def pixel_limit() -> int:
    """The largest number of pixels that a picture may have."""
    given = os.environ.get("HEADSTART_MAX_PIXELS", "")
    if not given:
        return MAX_PIXELS
    if not given.isdecimal() or int(given) == 0:
        raise OptionError(
            f"HEADSTART_MAX_PIXELS is '{given}'.", hint="Give a whole number of pixels, such as 1000000000."
        )
    return int(given)


def check_size(width: int, height: int) -> None:
    """Raise `PictureError` for a picture of more pixels than the limit."""
    limit = pixel_limit()
    if width * height > limit:
        raise PictureError(
            "too large",
            f"decompression bomb: {width} x {height} pixels, the limit is {limit // 10**6} megapixels "
            "(HEADSTART_MAX_PIXELS sets another)",
        )


def open_bytes(raw: bytes) -> Image.Image:
    """Recognise and measure an encoded picture. Raises `PictureError` that says what the bytes are instead."""
    image = open_unchecked(raw)
    check_size(*image.size)
    return image


def open_unchecked(raw: bytes) -> Image.Image:
    """The same of a picture of any number of pixels."""
    if not raw:
        raise PictureError("empty", "zero bytes")
    try:
        # Pillow's own limit is lower and holds for the whole process: it is lifted while nothing is decoded yet.
        with _open:
            before, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
            try:
                image = Image.open(io.BytesIO(raw), formats=FORMATS)
            finally:
                Image.MAX_IMAGE_PIXELS = before
    except UnidentifiedImageError as error:
        raise _not_a_picture(raw) from error
    except DAMAGE as error:
        raise damaged(_format(raw), error) from error
    return image


def header_of(image: Image.Image, raw: bytes = b"", *, count_frames: bool = False) -> Header:
    """What an opened image says of itself. Raises `PictureError` where its frames cannot be counted."""
    orientation = orientation_of(image)
    # Pillow turns TIFF files by itself, and gives their size as it will be.
    turned = 1 if image.format == "TIFF" else orientation
    width, height = upright_size(image.size, turned)
    frames = 1
    if count_frames:
        try:
            frames = getattr(image, "n_frames", 1)
        except DAMAGE as error:
            raise damaged(image.format or "", error) from error
    return Header(
        format=image.format or "image",
        mode=image.mode,
        width=width,
        height=height,
        frames=frames,
        orientation=orientation,
        depth=_depth(image, raw),
        transparent=image.has_transparency_data and not image.mode.startswith("I"),
    )


def orientation_of(image: Image.Image) -> int:
    """The EXIF orientation, 1 to 8."""
    try:
        value = image.getexif().get(ExifTags.Base.Orientation, 1)
    except DAMAGE:  # broken EXIF data do not make the picture worse; others ignore them as well
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def damaged(kind: str, error: BaseException) -> PictureError:
    """The error for a picture of a known format that does not decode."""
    name = kind or "picture"
    text = str(error)
    if "truncated" in text.lower() or isinstance(error, EOFError):
        return PictureError("truncated", f"truncated {name}")
    return PictureError("damaged", f"damaged {name}")


def _depth(image: Image.Image, raw: bytes) -> int:
    if image.mode == "1":
        return 1
    if image.mode.startswith("I;16"):
        return 16
    if image.mode in ("I", "F"):
        return 16 if image.format in ("PNG", "PPM") else 32
    if image.format == "PNG" and len(raw) > 24 and raw[24] == 16:
        return 16
    tags = getattr(image, "tag_v2", None) if image.format == "TIFF" else None
    return max(tags.get(ExifTags.Base.BitsPerSample, (8,))) if tags is not None else 8


def _format(raw: bytes) -> str:
    if raw[:4] == b"RIFF" and raw[8:12] == b"WEBP":
        return "WebP"
    if raw[4:12] in (b"ftypavif", b"ftypavis"):
        return "AVIF"
    return next((name for start, name in _BEGINNINGS.items() if raw.startswith(start)), "")


def _not_a_picture(raw: bytes) -> PictureError:
    if raw[4:8] == b"ftyp" and raw[8:12] in _HEIF:
        return PictureError("unfit", "HEIC, which is not supported: convert it to JPEG or PNG")
    if kind := _format(raw):
        return PictureError("damaged", f"damaged {kind}, or of a kind that Pillow cannot read")
    for start, name in _OTHERS.items():
        if raw.startswith(start):
            return PictureError("not a picture", f"not a picture ({name})")
    return PictureError("not a picture", f"not a picture ({_describe(raw[:512])})")


def _describe(start: bytes) -> str:
    if start.lstrip()[:5].lower() in (b"<html", b"<!doc"):
        return "starts like an HTML page"
    if b"<svg" in start:
        return "an SVG drawing"
    if not start.strip(b"\0"):
        return "starts with nothing but zeros"
    text = start.decode("utf-8", "ignore")
    plain = bool(text) and all(letter.isprintable() or letter.isspace() for letter in text)
    return "starts with plain text" if plain and len(text.encode()) >= len(start) - 3 else "of no known format"
