"""The class of each pixel of a picture, from a file that is read whenever the pixels are needed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from headstart.core.errors import DataError
from headstart.core.targets import IGNORED
from headstart.data.mask_values import Integers, MaskFacts, RawMask, colour_name, read_mask, turned
from headstart.data.picture import PictureError

MIDDLE = 128


@dataclass(frozen=True, eq=False)
class Coding:
    """Which class a stored value stands for: `values` (V,) in rising order, and the `places` (V,) of their labels.

    With `coloured`, values are colours, and numbers are looked up in the palette of their file. With `halved`, shades
    of a format that smears become 0 or 255, whichever is nearer.
    """

    values: Integers
    places: npt.NDArray[np.int16]
    coloured: bool = False
    halved: bool = False

    def codes(self, values: Integers, palette: Integers | None) -> npt.NDArray[np.int16]:
        """Places of labels for stored values of any shape. Raises `DataError` for a value that stands for nothing."""
        found = self.looked_up(values, palette)
        index = np.searchsorted(self.values, found).clip(max=len(self.values) - 1)
        unknown = self.values[index] != found
        if unknown.any():
            value = int(found[unknown].flat[0])
            raise DataError(f"value {colour_name(value) if self.coloured else value} stands for no class")
        return np.asarray(self.places[index], np.int16)

    def looked_up(self, values: Integers, palette: Integers | None) -> Integers:
        """Stored values as what the coding is about."""
        if self.halved:
            return np.where(values < MIDDLE, 0, 255).astype(np.int32)
        return palette[values] if self.coloured and palette is not None else values

    def pixels(self, raw: RawMask) -> npt.NDArray[np.int16]:
        """(H, W) places of labels, by a table where the numbers are small."""
        values, palette = raw.values, raw.palette
        if raw.coloured or not values.size or int(values.max()) >= 65536 or int(values.min()) < 0:
            return self.codes(values, palette)
        present = np.flatnonzero(np.bincount(values.ravel())).astype(np.int32)
        table = np.full(int(present[-1]) + 1, IGNORED, np.int16)
        table[present] = self.codes(present, palette)
        return table[values]


@dataclass(frozen=True, eq=False)
class FileMask:
    """A mask in a file. `facts` are what a look at it told; `orientation` is how it has to be turned to be upright.

    `order` (C,) leads from the coding's places to others, where labels have been renumbered.
    """

    path: str
    coding: Coding
    facts: MaskFacts
    orientation: int = 1
    order: npt.NDArray[np.int32] | None = None

    def pixels(self) -> npt.NDArray[np.int16]:
        """(H, W) of the upright picture: places of labels, or `IGNORED`. Raises `DataError` where it cannot be read."""
        try:
            coded = self.coding.pixels(read_mask(Path(self.path).read_bytes()))
        except OSError as error:
            raise DataError(f"The mask {self.path} cannot be read: {error.strerror or error}.") from error
        except PictureError as error:
            raise DataError(f"The mask {self.path} cannot be read: {error.reason}.") from error
        except DataError as error:
            raise DataError(f"The mask {self.path} has changed: {error}.") from error
        return self._ordered(turned(coded, self.orientation))

    def counts(self, labels: int) -> npt.NDArray[np.int64]:
        """Pixels of each label, (C,)."""
        places = self._ordered(self.coding.codes(self.facts.values, self.facts.palette))
        known = places != IGNORED
        totals = np.bincount(places[known], weights=self.facts.counts[known], minlength=labels)
        return totals.astype(np.int64)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the upright picture."""
        width, height = self.facts.size
        return (height, width) if self.orientation >= 5 else (width, height)

    def renumbered(self, places: npt.NDArray[np.int32]) -> FileMask:
        """The same mask with other numbers for its labels."""
        order = places if self.order is None else places[self.order]
        return replace(self, order=np.asarray(order, np.int32))

    def digest(self) -> bytes:
        """16 bytes that identify the content."""
        found = hashlib.blake2b(self.facts.content, digest_size=16)
        codes = self._ordered(self.coding.codes(self.facts.values, self.facts.palette))
        found.update(f"{self.size} {self.orientation} {codes.tolist()}".encode())
        return found.digest()

    def _ordered(self, coded: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
        if self.order is None:
            return coded
        table = np.append(self.order, IGNORED).astype(np.int16)  # the last place stands for IGNORED, which is -1
        return table[coded]
