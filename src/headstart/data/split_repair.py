"""Seeing to it that the thresholds leave no class without a part that it has enough pictures for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from headstart.core.dataset import Dataset, Indices, Part
from headstart.data.units import Units

Parts = npt.NDArray[np.int8]


def fill_classes(
    items: Dataset, units: Units, parts: Parts, *, movable: npt.NDArray[np.bool_], carved: Sequence[Part]
) -> Parts:
    """int8 (U,): the parts of the units after every class that lacks a part has been given one of its units.

    A class needs training data first, then validation, then test, one unit each as far as it has units. The unit with
    the lowest hash goes (for training data the highest), unless another class would be left without. Multi-label items
    count as one class.
    """
    classes = np.zeros(len(items), np.int64) if items.multi_label else items.targets.astype(np.int64)
    needed = [Part.TRAIN, *sorted(carved)]
    repair = _Repair(classes, units, parts.copy(), movable=movable, needed=needed)
    for place, part in enumerate(needed):
        for label in np.flatnonzero((repair.counts[:, part] == 0) & (repair.sizes > place)):
            repair.give(int(label), part)
    return repair.parts


class _Repair:
    """The units of each class, and how many of them are in each part."""

    def __init__(
        self, classes: Indices, units: Units, parts: Parts, *, movable: npt.NDArray[np.bool_], needed: Sequence[Part]
    ) -> None:
        self.units, self.parts, self.movable, self.needed = units, parts, movable, needed
        pairs = np.unique(classes * len(units) + units.of)
        self.pair_class, self.pair_unit = np.divmod(pairs, max(len(units), 1))
        by_unit = np.lexsort((self.pair_class, self.pair_unit))
        self.unit_order, self.class_of_unit = self.pair_unit[by_unit], self.pair_class[by_unit]
        self.counts = np.zeros((int(classes.max(initial=-1)) + 1, 1 + max(Part)), np.int64)
        np.add.at(self.counts, (self.pair_class, parts[self.pair_unit]), 1)
        self.sizes = self.counts.sum(axis=1)

    def give(self, label: int, part: Part) -> None:
        """Move one of the class's units into the part, where one can be spared."""
        if self.counts[label, part]:  # it came with another class
            return
        first, last = np.searchsorted(self.pair_class, [label, label + 1])
        own = self.pair_unit[first:last]
        hashes = -self.units.hashes[own] if part == Part.TRAIN else self.units.hashes[own]
        not_training = self.parts[own] != Part.TRAIN
        for unit in own[np.lexsort((hashes, not_training))]:
            if self.movable[unit] and self._spared(int(unit), part):
                labels = self._labels(int(unit))
                self.counts[labels, self.parts[unit]] -= 1
                self.counts[labels, part] += 1
                self.parts[unit] = part
                return

    def _labels(self, unit: int) -> Indices:
        first, last = np.searchsorted(self.unit_order, [unit, unit + 1])
        return self.class_of_unit[first:last]

    def _spared(self, unit: int, to: Part) -> bool:
        """Whether every class of the unit keeps another one in its part, or needs none there; training comes first."""
        part = Part(self.parts[unit])
        labels = self._labels(unit)
        unneeded = self.sizes[labels] <= self.needed.index(part)
        return to == Part.TRAIN or bool(((self.counts[labels, part] > 1) | unneeded).all())
