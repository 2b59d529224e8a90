"""Training, validation and test parts by a threshold on a hash: what was decided for a picture stays decided.

A picture's side depends on its content alone (on its group's name where there are groups), so added pictures move no
old ones. Only a class that the thresholds leave without a part needs a choice among its pictures; a `SplitBook`
remembers it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from headstart.core.dataset import Dataset, Indices, Part
from headstart.core.errors import DataError, OptionError
from headstart.core.ledger import Event, Ledger
from headstart.data.split_book import SplitBook, look_up
from headstart.data.split_repair import fill_classes
from headstart.data.units import Units, content_units, group_units, merge_linked

Fractions = dict[Part, float]


@dataclass(frozen=True)
class _Pool:
    """The items that parts are carved out of, and how much of them each part gets."""

    items: Indices
    fractions: Fractions


def assign_parts(
    dataset: Dataset, *, validation: float = 0.2, test: float = 0.2, pinned: Mapping[bytes, int] | None = None
) -> Dataset:
    """Give every item its part. `dataset.content` must be filled in.

    Three given parts stay as they are. A given test part is never touched; of training and validation data alone the
    latter become the test part; validation data are then carved out of the training data. Everything else is split in
    three. A single-label class with at least two distinct pictures has one in training and one in validation, from
    three on also one in test. `pinned` holds earlier decisions, most often a `SplitBook`; they outweigh the thresholds.
    """
    if dataset.content is None:
        raise ValueError("assign_parts needs the content hashes of a scanned data set")
    _check_fractions(validation, test)
    parts, pool = _plan(dataset, {Part.TEST: test, Part.VALIDATION: validation})
    if not pool.fractions:
        return replace(dataset, parts=parts)
    pinned, events = _still_valid(pinned, validation, test)
    items = dataset.take(pool.items).simplified()
    units = _units(items)
    units, fixed = merge_linked(units, _pinned_parts(items, units, pinned or {}, pool.fractions))
    decided = np.where(fixed == Part.UNASSIGNED, _by_threshold(units, pool.fractions), fixed)
    decided = fill_classes(items, units, decided, movable=fixed == Part.UNASSIGNED, carved=tuple(pool.fractions))
    parts[pool.items] = decided[units.of]
    events += _small_classes(items, parts[pool.items], pool.fractions)
    return replace(dataset, parts=parts, ledger=dataset.ledger + Ledger.of(events))


def _check_fractions(validation: float, test: float) -> None:
    if min(validation, test) < 0 or validation + test >= 1:
        raise OptionError(
            f"Fractions of {validation} for validation and {test} for test leave nothing to train on.",
            hint="Both are at least 0, and together less than 1.",
        )


def _plan(dataset: Dataset, fractions: Fractions) -> tuple[npt.NDArray[np.int8], _Pool]:
    """The parts as far as they are given, and what is left to decide."""
    parts = np.where(dataset.parts == Part.UNASSIGNED, Part.TRAIN, dataset.parts).astype(np.int8)
    present = {Part(part) for part in np.unique(parts)}
    if len(dataset) and Part.TRAIN not in present:
        words = ", ".join(dataset.given_parts) or "no training part"
        raise DataError(f"{dataset.source} has nothing to train on, only {words}.", hint="Give training data as well.")
    items = np.flatnonzero(parts == Part.TRAIN).astype(np.int64)
    if present >= {Part.VALIDATION, Part.TEST}:
        return parts, _Pool(items, {})
    if Part.VALIDATION in present:
        parts[parts == Part.VALIDATION] = Part.TEST
    if Part.VALIDATION in present or Part.TEST in present:
        fractions = {Part.VALIDATION: fractions[Part.VALIDATION]}
    return parts, _Pool(items, {part: fraction for part, fraction in fractions.items() if fraction > 0})


def _units(items: Dataset) -> Units:
    assert items.content is not None
    if items.groups is None:
        return content_units(items.content)
    return group_units(items.content, groups=items.groups, names=items.group_names)


def _still_valid(
    pinned: Mapping[bytes, int] | None, validation: float, test: float
) -> tuple[Mapping[bytes, int] | None, list[Event]]:
    """Decisions made with other fractions are taken back, and the ledger says so."""
    if not isinstance(pinned, SplitBook) or (pinned.validation, pinned.test) == (validation, test):
        return pinned, []
    before = f"{pinned.validation} and {pinned.test}"
    reason = "the fractions for validation and test have changed: the items are split anew"
    return None, [("noted", reason, f"{before} before, now {validation} and {test}")]


def _pinned_parts(
    items: Dataset, units: Units, pinned: Mapping[bytes, int], fractions: Fractions
) -> npt.NDArray[np.int8]:
    """int8 (U,): the part that a unit was in, for a new group most of its known pictures; `UNASSIGNED` for new ones."""
    assert items.content is not None
    if not pinned:
        return np.full(len(units), Part.UNASSIGNED, np.int8)
    choices = (Part.TRAIN, *fractions)
    by_key = look_up(pinned, units.keys)
    by_key[~np.isin(by_key, choices)] = Part.UNASSIGNED
    if items.groups is None:
        return by_key
    known = look_up(pinned, items.content)
    votes = np.stack([np.bincount(units.of[known == part], minlength=len(units)) for part in choices], axis=1)
    winners = np.array(choices, np.int8)[votes.argmax(axis=1)]
    by_content = np.where(votes.any(axis=1), winners, np.int8(Part.UNASSIGNED))
    return np.where(by_key == Part.UNASSIGNED, by_content, by_key).astype(np.int8)


def _by_threshold(units: Units, fractions: Fractions) -> npt.NDArray[np.int8]:
    parts = np.full(len(units), Part.TRAIN, np.int8)
    start = 0.0
    for part, fraction in fractions.items():
        parts[(units.hashes >= start) & (units.hashes < start + fraction)] = part
        start += fraction
    return parts


def _small_classes(items: Dataset, parts: npt.NDArray[np.int8], fractions: Fractions) -> list[Event]:
    """Events for classes that are missing from a part."""
    if items.multi_label:
        return []
    events: list[Event] = []
    for part in (Part.TRAIN, *fractions):
        there = np.bincount(items.targets[parts == part], minlength=len(items.labels)) > 0
        here = np.bincount(items.targets, minlength=len(items.labels)) > 0
        reason = f"too few pictures or groups: none of the class is in the {part.name.lower()} part"
        events += [("noted", reason, items.labels[label]) for label in np.flatnonzero(here & ~there)]
    return events
