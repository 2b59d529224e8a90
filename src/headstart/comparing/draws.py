"""The data of a repeat: the same held-out items, another validation split, and nested subsets for a learning curve."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from headstart.core.dataset import Dataset, Indices, Part
from headstart.data.parts import part_of
from headstart.data.splitting import assign_parts
from headstart.data.units import Units, content_keys, content_units, group_units

LEAST_A_CLASS = 2
"""Labelled items of each class in the smallest subset: one to learn from, and one to choose by."""


def draw(dataset: Dataset, *, validation: float, repeat: int, share: float = 1.0) -> Dataset:
    """The data set of one repeat, with a `share` of its labelled items and all held-out ones.

    `validation` is the share of the labelled items that choices are made on: another part of them in every repeat, but
    repeat 0 has the split that a fit has. Where validation data were given as such, they stay what they are.
    """
    if share < 1:
        return _with_validation(_nested(dataset, share=share, repeat=repeat), validation=validation, repeat=repeat)
    return _with_validation(dataset, validation=validation, repeat=repeat) if repeat else dataset


def _with_validation(dataset: Dataset, *, validation: float, repeat: int) -> Dataset:
    given = {part_of(name) for name in dataset.given_parts} >= {Part.VALIDATION, Part.TEST}
    if given or not validation:
        return dataset
    pool = dataset.indices(Part.TRAIN, Part.VALIDATION)
    items = _salted(dataset.take(pool), repeat)
    unsplit = replace(items, parts=np.full(len(items), Part.TRAIN, np.int8))
    parts = dataset.parts.copy()
    parts[pool] = assign_parts(unsplit, validation=validation, test=0.0).parts
    return replace(dataset, parts=parts)


def _nested(dataset: Dataset, *, share: float, repeat: int) -> Dataset:
    """Subsets of one repeat are nested, by class where there is one label an item.

    Whole groups stay together, and every label that there is stays there.
    """
    pool = dataset.indices(Part.TRAIN, Part.VALIDATION)
    items = _salted(dataset.take(pool), repeat).simplified()
    kept = _by_class(items, share) if items.groups is None and not items.multi_label else _by_unit(items, share)
    return dataset.take(np.sort(np.concatenate([pool[kept], dataset.indices(Part.TEST)])))


def _salted(items: Dataset, repeat: int) -> Dataset:
    """Items whose contents and groups are known by other hashes: what is decided by hash comes out differently."""
    assert items.content is not None
    salt = repeat.to_bytes(8, "big")
    rows = [hashlib.blake2b(row.tobytes(), digest_size=16, key=salt).digest() for row in items.content]
    content = np.frombuffer(b"".join(rows), np.uint8).reshape(-1, 16)
    return replace(items, content=content, group_names=[f"{name}\0{repeat}" for name in items.group_names])


def _by_class(items: Dataset, share: float) -> npt.NDArray[np.bool_]:
    """(N,) the first of each class, in the order of their hashes."""
    assert items.content is not None
    kept = np.zeros(len(items), np.bool_)
    order = np.argsort(content_keys(items.content), kind="stable")
    for label in range(len(items.labels)):
        members = order[items.targets[order] == label]
        kept[members[: max(round(share * len(members)), LEAST_A_CLASS)]] = True
    return kept


def _by_unit(items: Dataset, share: float) -> npt.NDArray[np.bool_]:
    """(N,) the first groups or pictures in the order of their hashes, and the first with each label that these lack."""
    units = _units(items)
    order = np.argsort(units.hashes, kind="stable")
    sizes = np.bincount(units.of, minlength=len(units))[order]
    kept = np.zeros(len(units), np.bool_)
    kept[order[np.cumsum(sizes) - sizes < share * len(items)]] = True
    place = np.empty(len(units), np.int64)
    place[order] = np.arange(len(units))
    for label in range(len(items.labels)):
        having = np.unique(units.of[_having(items, label)])
        if len(having):
            kept[having[place[having].argmin()]] = True
    return np.asarray(kept[units.of])


def _units(items: Dataset) -> Units:
    assert items.content is not None
    if items.groups is None:
        return content_units(items.content)
    return group_units(items.content, groups=items.groups, names=items.group_names)


def _having(items: Dataset, label: int) -> Indices:
    has = items.targets[:, label] > 0 if items.multi_label else items.targets == label
    return np.flatnonzero(has).astype(np.int64)
