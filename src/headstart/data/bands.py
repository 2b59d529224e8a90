"""TIFF files of more bands than Pillow's colour models hold, such as those of satellites and microscopes.

Pillow refuses most of them and silently drops bands of the others. But samples that lie side by side are, to any
decoder, a wider picture of one band: that is what Pillow is asked for here, so every compression that it knows is read.
"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import ExifTags, TiffImagePlugin

from headstart.data.colour import MOST_CHANNELS
from headstart.data.opening import DAMAGE, check_size, damaged, open_unchecked
from headstart.data.picture import Header, PictureError, upright_size

Directory = TiffImagePlugin.ImageFileDirectory_v2
Tag = ExifTags.Base

GREY, RGB = 1, 2
UNSPECIFIED = 0
WHOLE, FLOATS = 1, 3
PLAIN, DIFFERENCES = 1, 2
BESIDE, APART = 1, 2
DEPTHS = {WHOLE: (8, 16), FLOATS: (32,)}
OWN_SAMPLES = (6, 7, 34892)  # JPEG knows how many samples a pixel has
PREDICTOR, TILE_WIDTH, TILE_LENGTH, TILE_OFFSETS, TILE_SIZES = 317, 322, 323, 324, 325
EXTRA, FORMAT = 338, 339
PLACES = (int(Tag.StripOffsets), int(Tag.StripByteCounts), TILE_OFFSETS, TILE_SIZES)
KEPT = (int(Tag.ImageLength), int(Tag.Compression), int(Tag.RowsPerStrip), TILE_LENGTH)
LONG = frozenset({int(Tag.ImageWidth), int(Tag.ImageLength), int(Tag.RowsPerStrip), TILE_WIDTH, TILE_LENGTH, *PLACES})


@dataclass(frozen=True)
class BandedTiff:
    """A file of `count` bands. `depth` are the bits of a sample, `kind` says whether they are floats."""

    raw: bytes
    tags: Directory
    count: int
    depth: int
    kind: int
    header: Header

    def decode(self) -> npt.NDArray[Any]:
        """(H, W, C), not turned yet. Raises `PictureError` for a damaged file."""
        try:
            if self.tags.get(Tag.PlanarConfiguration, BESIDE) == APART:
                return np.stack([self._plane(band) for band in range(self.count)], axis=2)
            wide = self._plane(None)
            return wide.reshape(len(wide), -1, self.count)
        except DAMAGE as error:
            raise damaged("TIFF", error) from error

    def _plane(self, band: int | None) -> npt.NDArray[Any]:
        """One band, or all of them side by side, as a picture of one band."""
        width = 1 if band is not None else self.count
        made = {int(tag): _values(self.tags[tag]) for tag in KEPT if tag in self.tags}
        made |= {tag: (int(self.tags[tag]) * width,) for tag in (int(Tag.ImageWidth), TILE_WIDTH) if tag in self.tags}
        made |= {int(Tag.BitsPerSample): (self.depth,), int(Tag.SamplesPerPixel): (1,), FORMAT: (self.kind,)}
        made[int(Tag.PhotometricInterpretation)] = (GREY,)
        for tag in (tag for tag in PLACES if tag in self.tags):
            places = _values(self.tags[tag])
            share = len(places) // self.count
            made[tag] = places if band is None else places[band * share : (band + 1) * share]
        with open_unchecked(_with_directory(self.raw, made)) as image:
            plane = np.asarray(image)
        if self.tags.get(PREDICTOR, PLAIN) == DIFFERENCES:
            plane = self._summed(plane, width)
        return plane

    def _summed(self, plane: npt.NDArray[Any], width: int) -> npt.NDArray[Any]:
        """Rows, or rows of tiles, that hold each sample's difference to the one before it, added up."""
        across = self.tags.get(TILE_WIDTH, self.tags[Tag.ImageWidth]) * width
        pieces = [plane[:, start : start + across] for start in range(0, plane.shape[1], across)]
        sums = [piece.reshape(len(piece), -1, width).cumsum(axis=1, dtype=plane.dtype) for piece in pieces]
        return np.concatenate([one.reshape(len(one), -1) for one in sums], axis=1)


def banded_tiff(raw: bytes) -> BandedTiff | None:
    """The file, where it is a TIFF of bands that Pillow has no colour model for; None for everything else.

    Raises `PictureError` where it is one that cannot be read, and says why.
    """
    if raw[:4] not in (b"II*\0", b"MM\0*"):
        return None
    try:
        tags = _directory(raw)
        count = int(tags.get(Tag.SamplesPerPixel, 1))
        if not _beyond_pillow(tags, count):
            return None
        width, height = int(tags[Tag.ImageWidth]), int(tags[Tag.ImageLength])
        depths, kinds = set(tags[Tag.BitsPerSample]), set(tags.get(FORMAT, (WHOLE,)))
        orientation = int(tags.get(Tag.Orientation, 1))
    except DAMAGE:  # Pillow finds the words for what is wrong with it
        return None
    check_size(width, height)
    depth, kind = max(depths), max(kinds)
    problem = _problem(tags, count, depths, kinds)
    if problem:
        raise PictureError("unfit", f"a TIFF of {count} bands {problem}")
    size = upright_size((width, height), orientation)
    pages = _pages(raw, Directory(raw[:8]).next)
    header = Header("TIFF", f"{count} bands", *size, frames=pages, orientation=orientation, depth=depth)
    return BandedTiff(raw, tags, count, depth, kind, header)


def _directory(raw: bytes) -> Directory:
    tags = Directory(raw[:8])
    file = io.BytesIO(raw)
    file.seek(tags.next)
    tags.load(file)
    return tags


def _pages(raw: bytes, start: int) -> int:
    """How many directories follow each other from `start` on, each counted once."""
    order = "<" if raw[:2] == b"II" else ">"
    seen: set[int] = set()
    while 0 < start <= len(raw) - 2 and start not in seen:
        seen.add(start)
        link = start + 2 + 12 * struct.unpack_from(f"{order}H", raw, start)[0]
        start = struct.unpack_from(f"{order}I", raw, link)[0] if link <= len(raw) - 4 else 0
    return len(seen)


def _values(value: Any) -> tuple[int, ...]:
    return tuple(value) if isinstance(value, tuple) else (int(value),)


def _with_directory(raw: bytes, tags: dict[int, tuple[int, ...]]) -> bytes:
    """The file with another directory in front of the one that it has, as the specification lays one out."""
    order = "<" if raw[:2] == b"II" else ">"
    start = len(raw) + len(raw) % 2
    beyond = start + 2 + 12 * len(tags) + 4
    entries, more = b"", b""
    for tag, numbers in sorted(tags.items()):
        kind, letter = (4, "I") if tag in LONG else (3, "H")
        packed = struct.pack(f"{order}{len(numbers)}{letter}", *numbers)
        place = packed.ljust(4, b"\0")
        if len(packed) > 4:
            place = struct.pack(f"{order}I", beyond + len(more))
            more += packed.ljust(len(packed) + len(packed) % 2, b"\0")
        entries += struct.pack(f"{order}HHI", tag, kind, len(numbers)) + place
    directory = struct.pack(f"{order}H", len(tags)) + entries + bytes(4) + more
    return raw[:4] + struct.pack(f"{order}I", start) + raw[8:].ljust(start - 8, b"\0") + directory


def _beyond_pillow(tags: Directory, count: int) -> bool:
    extra = tags.get(EXTRA, ())
    colours = tags.get(Tag.PhotometricInterpretation)
    return (colours == GREY and count > 2) or (
        colours == RGB and (count > 4 or (count == 4 and set(extra) <= {UNSPECIFIED}))
    )


def _problem(tags: Directory, count: int, depths: set[int], kinds: set[int]) -> str:
    if count > MOST_CHANNELS:
        return f"where {MOST_CHANNELS} are the most"
    if len(depths) > 1 or len(kinds) > 1 or max(depths) not in DEPTHS.get(max(kinds), ()):
        return "that are neither of 8 or 16 bits nor 32-bit floats"
    if tags.get(Tag.Compression, 1) in OWN_SAMPLES:
        return "compressed as JPEG"
    if tags.get(PREDICTOR, PLAIN) not in (PLAIN, DIFFERENCES):
        return "with a predictor for floats"
    return ""
