"""Folds for cross-validation: stratified, with groups and equal pictures kept together, and the same every time."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from headstart.core.dataset import Indices
from headstart.core.errors import DataError
from headstart.data.units import Content, Units, content_units, linked_groups


def cross_validation_folds(
    targets: npt.NDArray[Any], *, content: Content, groups: npt.NDArray[np.int32] | None = None, folds: int = 5
) -> Indices:
    """int64 (N,): the fold 0..folds-1 of each item; `targets` as in `Dataset`.

    Raises `DataError` where there are fewer groups (or distinct pictures) than folds.
    """
    units = _kept_together(content, groups)
    if len(units) < folds:
        what = "distinct pictures" if groups is None else "groups"
        raise DataError(f"{folds} folds cannot be made of {len(units)} {what}.", hint="Give more data or fewer folds.")
    if groups is None and targets.ndim == 1:
        return _dealt(targets, units, folds)[units.of]
    return _balanced(_label_counts(targets, units), units, folds)[units.of]


def _kept_together(content: Content, groups: npt.NDArray[np.int32] | None) -> Units:
    pictures = content_units(content)
    if groups is None:
        return pictures
    _, codes = np.unique(groups, return_inverse=True)
    _, of = np.unique(linked_groups(content, codes.astype(np.int64))[codes], return_inverse=True)
    # the picture with the lowest hash stands for its group: unlike a code, it does not depend on the order of items
    by_unit = np.lexsort((pictures.of, of))
    first = by_unit[np.unique(of[by_unit], return_index=True)[1]]
    return Units(of.astype(np.int64), pictures.hashes[pictures.of[first]], content[first], np.arange(len(first)))


def _dealt(targets: npt.NDArray[Any], units: Units, folds: int) -> Indices:
    """int64 (U,): the units of one class after the other, sorted by hash, dealt out like cards."""
    labels = np.full(len(units), np.iinfo(np.int64).max)
    np.minimum.at(labels, units.of, targets.astype(np.int64))
    dealt = np.empty(len(units), np.int64)
    dealt[np.lexsort((units.hashes, labels))] = np.arange(len(units)) % folds
    return dealt


def _label_counts(targets: npt.NDArray[Any], units: Units) -> npt.NDArray[np.float64]:
    """float64 (U, C): how many items of each label a unit has."""
    if targets.ndim == 2:
        counts = np.zeros((len(units), targets.shape[1]))
        np.add.at(counts, units.of, targets)
        return counts
    counts = np.zeros((len(units), int(targets.max(initial=-1)) + 1))
    np.add.at(counts, (units.of, targets), 1)
    return counts


def _balanced(counts: npt.NDArray[np.float64], units: Units, folds: int) -> Indices:
    """int64 (U,): units from the largest to the smallest, each to the fold with least of its labels, then of all."""
    sizes = np.bincount(units.of, minlength=len(units))
    shares = counts / np.maximum(counts.sum(axis=0), 1)
    chosen = np.empty(len(units), np.int64)
    filled = np.zeros((folds, counts.shape[1]))
    items = np.zeros(folds)
    for unit in np.lexsort((units.hashes, -sizes)):
        crowding = filled @ shares[unit]
        fold = int(np.lexsort((items, np.round(crowding, 12)))[0])
        chosen[unit] = fold
        filled[fold] += shares[unit]
        items[fold] += sizes[unit]
    return chosen
