"""What a picture says of itself before it is decoded, what becomes of it, and why it may be refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from PIL import Image

from headstart.core.errors import DataError

Kind = Literal["empty", "not a picture", "truncated", "damaged", "too large", "unfit", "unreadable"]

ALPHA = "transparent parts shown on white (kept where the model takes four channels)"
GREY = "grey repeated for every channel that the model takes"
DEEP_COLOUR = "16-bit colour reduced to its upper 8 bits (grey keeps all 16)"
FLOAT = "numbers taken as shades of 0 to 1, 255 or 65535 by the largest, else scaled from smallest to largest"
CONVERTED_MODES = {
    "1": "black and white taken as grey",
    "P": "palette replaced by its colours",
    "PA": "palette replaced by its colours",
    "CMYK": "CMYK converted to RGB",
    "YCbCr": "YCbCr converted to RGB",
    "LAB": "Lab converted to RGB",
    "HSV": "HSV converted to RGB",
    "RGBX": "unused fourth channel dropped",
    "I": FLOAT,
    "F": FLOAT,
}
GREY_MODES = frozenset({"1", "L", "LA", "La", "I", "F", "I;16", "I;16B", "I;16L", "I;16N"})


class PictureError(DataError):
    """A picture cannot be used. `reason` says why in a few words, the same for all pictures of that fate."""

    def __init__(self, kind: Kind, reason: str) -> None:
        self.kind = kind
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True)
class Header:
    """`width` and `height` are those of the upright picture, after `orientation` (EXIF, 1 to 8) has been applied.

    `mode` is Pillow's name for the colour model, or `5 bands` for an array; `depth` counts bits a channel.
    """

    format: str
    mode: str
    width: int
    height: int
    frames: int = 1
    orientation: int = 1
    depth: int = 8
    transparent: bool = False

    @property
    def grey(self) -> bool:
        """Whether the picture has no colour."""
        return self.mode in GREY_MODES

    @property
    def conversions(self) -> tuple[str, ...]:
        """Every conversion that the picture goes through, each as the rule that it follows."""
        found = [CONVERTED_MODES[self.mode]] if self.mode in CONVERTED_MODES else []
        if self.frames > 1:
            found.append("first of several frames taken")
        if self.orientation != 1:
            found.append("turned upright as its EXIF data say")
        if self.transparent:
            found.append(ALPHA)
        if self.depth > 8 and self.mode in ("RGB", "RGBA", "CMYK"):
            found.append(DEEP_COLOUR)
        if self.grey:
            found.append(GREY)
        if self.mode.endswith(" bands"):
            found.append("the first three bands taken (all where the model takes that many channels)")
        return tuple(found)


class Picture(NamedTuple):
    """A decoded picture: upright, in planes of equal size that are `L`, `RGB`, `RGBA` or `I;16`.

    `reduction` is the scale (1, 2, 4 or 8) at which it was decoded: a plane is the full picture divided by it.
    """

    header: Header
    planes: tuple[Image.Image, ...]
    reduction: int = 1

    @property
    def conversions(self) -> tuple[str, ...]:
        """Every conversion that the picture goes through, each as the rule that it follows."""
        return self.header.conversions


def corner(header: Header, size: tuple[int, int], *, reduction: int) -> tuple[float, float]:
    """Where the upper left corner of the upright picture lies in a plane of this size, decoded at 1 / `reduction`.

    The last column and row of a reduced JPEG reach beyond the picture; turned, they may be the first.
    """
    left = size[0] - header.width / reduction if header.orientation in (2, 3, 6, 7) else 0.0
    top = size[1] - header.height / reduction if header.orientation in (3, 4, 7, 8) else 0.0
    return left, top


def upright_size(size: tuple[int, int], orientation: int) -> tuple[int, int]:
    """Width and height after the EXIF orientation has been applied."""
    return (size[1], size[0]) if orientation >= 5 else size
