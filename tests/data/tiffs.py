"""TIFF files of any number of bands, written from the specification: Pillow writes none."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import numpy.typing as npt

KINDS = {"u": 1, "f": 3}


def tiff(
    array: npt.NDArray[np.generic],
    *,
    photometric: int = 1,
    extra: int | None = None,
    order: str = "<",
    compressed: bool = False,
    differences: bool = False,
    apart: bool = False,
    tile: int = 0,
    rows: int = 4,
    orientation: int = 1,
) -> bytes:
    """An array (H, W, C) in strips of `rows`, or in square tiles; samples side by side or `apart`, band by band."""
    height, width, bands = array.shape
    array = array.astype(array.dtype.newbyteorder(order))
    planes = [array[:, :, band : band + 1] for band in range(bands)] if apart else [array]
    pieces = [piece for plane in planes for piece in _pieces(plane, tile, rows)]
    if differences:
        pieces = [np.concatenate([one[:, :1], np.diff(one, axis=1)], axis=1).astype(array.dtype) for one in pieces]
    data = [zlib.compress(piece.tobytes()) if compressed else piece.tobytes() for piece in pieces]
    starts = np.cumsum([8, *map(len, data)])
    tags = {
        256: (4, [width]),
        257: (4, [height]),
        258: (3, [8 * array.dtype.itemsize] * bands),
        259: (3, [8 if compressed else 1]),
        262: (3, [photometric]),
        274: (3, [orientation]),
        277: (3, [bands]),
        284: (3, [2 if apart else 1]),
        317: (3, [2 if differences else 1]),
        339: (3, [KINDS[array.dtype.kind]] * bands),
    }
    places = {324: (4, starts[:-1]), 325: (4, list(map(len, data)))}
    if tile:
        tags |= {322: (4, [tile]), 323: (4, [tile]), **places}
    else:
        tags |= {278: (4, [rows]), 273: places[324], 279: places[325]}
    if extra is not None:
        tags[338] = (3, [extra] * (bands - (3 if photometric == 2 else 1)))
    return _file(b"".join(data), tags, order)


def _pieces(plane: npt.NDArray[np.generic], tile: int, rows: int) -> list[npt.NDArray[np.generic]]:
    height, width, _ = plane.shape
    if not tile:
        return [plane[top : top + rows] for top in range(0, height, rows)]
    padded = np.pad(plane, ((0, -height % tile), (0, -width % tile), (0, 0)))
    lines = range(0, height, tile)
    return [padded[top : top + tile, left : left + tile] for top in lines for left in range(0, width, tile)]


def _file(data: bytes, tags: dict[int, tuple[int, object]], order: str) -> bytes:
    data += b"\0" * (len(data) % 2)
    start = 8 + len(data)
    beyond = start + 2 + 12 * len(tags) + 4
    entries, values = b"", b""
    for tag, (kind, numbers) in sorted(tags.items()):
        packed = b"".join(struct.pack(order + ("H" if kind == 3 else "I"), int(number)) for number in numbers)  # type: ignore[attr-defined]
        place = packed.ljust(4, b"\0")
        if len(packed) > 4:
            place = struct.pack(order + "I", beyond + len(values))
            values += packed + b"\0" * (len(packed) % 2)
        entries += struct.pack(order + "HHI", tag, kind, len(packed) // (2 if kind == 3 else 4)) + place
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", start)
    return head + data + struct.pack(order + "H", len(tags)) + entries + struct.pack(order + "I", 0) + values
