"""Predicted masks as files: a PNG with a palette for each picture, and a table of the classes beside them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from headstart.core.errors import RunError
from headstart.core.files import write_atomically

if TYPE_CHECKING:
    from headstart.core.prediction import Prediction

TABLE = "classes.csv"
MOST_IN_A_PALETTE = 256


def colours(count: int) -> npt.NDArray[np.uint8]:
    """Red, green and blue of so many classes, (count, 3): the first is black, and no two of the first 256 are alike.

    They are those of Pascal VOC: the bits of a class, from the lowest, set the bits of its colours, from the highest.
    """
    classes = np.arange(count)
    table = np.zeros((count, 3), np.uint8)
    for step in range(8):
        for channel in range(3):
            table[:, channel] |= ((classes >> (3 * step + channel) & 1) << (7 - step)).astype(np.uint8)
    return table


class MaskFiles:
    """A folder that predicted masks are written to, one by one; the numbers in them are rows of its `classes.csv`."""

    def __init__(self, folder: Path, labels: Sequence[str]) -> None:
        """Make the folder, and write the table. Raises `RunError` where that is not possible."""
        self.folder, self._labels = folder, tuple(labels)
        self._written: set[str] = set()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RunError(f"{folder} cannot be made: {error.strerror or error}.") from error
        write_atomically(folder / TABLE, self._table().encode())

    def write(self, prediction: Prediction) -> Path | None:
        """Write the mask, named like the picture; None where the prediction has none."""
        if prediction.mask is None:
            return None
        path = self._place(prediction.item)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, mask_bytes(prediction.mask, classes=len(self._labels)))
        return path

    def _table(self) -> str:
        text = io.StringIO()
        rows = csv.writer(text, lineterminator="\n")
        rows.writerow(["name", "r", "g", "b"])
        for label, colour in zip(self._labels, colours(len(self._labels)).tolist(), strict=True):
            rows.writerow([label, *colour])
        return text.getvalue()

    def _place(self, item: str) -> Path:
        """Where the mask of an item goes: below the folder, whatever its path, and never where one is already."""
        parts = [part for part in PurePath(item.replace("\\", "/")).parts if part not in ("/", "..", ".")]
        name = PurePath(*parts).with_suffix("").as_posix() if parts else "mask"
        chosen, number = name, 2
        while chosen in self._written:
            chosen, number = f"{name}-{number}", number + 1
        self._written.add(chosen)
        return self.folder / f"{chosen}.png"


def mask_bytes(mask: npt.NDArray[np.integer], *, classes: int) -> bytes:
    """A PNG of the numbers of the classes: with a palette, or of 16 bits where there are more than 256 of them."""
    from PIL import Image

    picture = io.BytesIO()
    if classes > MOST_IN_A_PALETTE:
        Image.fromarray(mask.astype(np.uint16)).save(picture, "PNG")
        return picture.getvalue()
    image = Image.fromarray(mask.astype(np.uint8))
    image.putpalette(colours(MOST_IN_A_PALETTE).ravel().tolist())
    image.save(picture, "PNG", optimize=False)
    return picture.getvalue()
