"""What a model found in a picture, drawn onto it: boxes with their names, and the classes of pixels."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from headstart.core.errors import RunError
from headstart.core.files import write_atomically
from headstart.core.prediction import Finding, Prediction

if TYPE_CHECKING:
    from PIL import Image

COLOURS = ("#d55e00", "#0072b2", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#f0e442", "#8a2be2", "#a0522d", "#ffffff")
"""In the order of the labels, over and over: the first seven are those that colour-blind people tell apart."""
COVER = 0.5
"""How much of a pixel's colour is that of its class."""
BOX = ("left", "top", "right", "bottom")


class Overlays:
    """A folder that pictures are drawn into, one by one, each under its own name as a PNG."""

    def __init__(self, folder: Path, labels: Sequence[str]) -> None:
        """Make the folder. Raises `RunError` where that is not possible."""
        self.folder, self._labels = folder, tuple(labels)
        self._written: set[str] = set()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RunError(f"{folder} cannot be made: {error.strerror or error}.") from error

    def write(self, prediction: Prediction, picture: Image.Image) -> Path:
        """Draw what was found onto the upright picture, and save it."""
        drawn = draw(picture, prediction, self._labels)
        path = self._place(prediction.item)
        content = io.BytesIO()
        drawn.save(content, "PNG")
        write_atomically(path, content.getvalue())
        return path

    def _place(self, item: str) -> Path:
        """A name of its own for each picture: those of one name in several folders are numbered."""
        stem = Path(item.replace("\\", "/")).stem or "picture"
        name, number = stem, 2
        while name in self._written:
            name, number = f"{stem}-{number}", number + 1
        self._written.add(name)
        return self.folder / f"{name}.png"


def draw(picture: Image.Image, prediction: Prediction, labels: Sequence[str]) -> Image.Image:
    """The picture in colours, with the classes of its pixels laid over it and boxes around what was found."""
    from PIL import Image

    canvas = picture.convert("RGB")
    if prediction.mask is not None:
        canvas = Image.fromarray(_covered(np.asarray(canvas), prediction.mask))
    boxes = [finding for finding in prediction.findings if all(edge in finding for edge in BOX)]
    for finding in reversed(boxes):  # the best one comes last, on top
        _outline(canvas, finding, labels)
    return canvas


def _outline(canvas: Image.Image, finding: Finding, labels: Sequence[str]) -> None:
    from PIL import ImageDraw, ImageFont

    pen = ImageDraw.Draw(canvas)
    thick = max(round(max(canvas.size) / 400), 1)
    label = str(finding["label"])
    colour = COLOURS[labels.index(label) % len(COLOURS)]
    left, top, right, bottom = (float(finding[edge]) for edge in BOX)
    pen.rectangle((left, top, max(right - 1, left), max(bottom - 1, top)), outline=colour, width=thick)
    font = ImageFont.load_default(size=max(round(max(canvas.size) / 50), 9))
    text = f"{label} {float(finding['score']):.2f}"
    wide, high = pen.textbbox((0, 0), text, font=font)[2:]
    above = max(top - high - thick, 0)
    pen.rectangle((left, above, left + wide + 2, above + high + 1), fill=colour)
    pen.text((left + 1, above), text, fill="black", font=font)


def _covered(pixels: npt.NDArray[Any], mask: npt.NDArray[np.int16]) -> npt.NDArray[np.uint8]:
    """Pixels (H, W, 3) mixed with the colours of their classes (H, W); the first class, and none, stay as they are."""
    table = np.array([[int(colour[place : place + 2], 16) for place in (1, 3, 5)] for colour in COLOURS], np.float64)
    of = np.maximum(mask.astype(np.int64) - 1, 0)
    mixed = (1 - COVER) * pixels + COVER * table[of % len(COLOURS)]
    return np.where((mask > 0)[..., None], np.rint(mixed), pixels).astype(np.uint8)
