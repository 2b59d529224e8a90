"""Boxes as they were written, and the pictures that they are on -> boxes in pixels of the upright pictures."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from headstart.core.dataset import Dataset
from headstart.core.errors import DataError
from headstart.core.ledger import Event, Ledger
from headstart.core.profile import BoxProfile
from headstart.core.targets import Boxes, column_of
from headstart.data.facts import Facts
from headstart.data.item_facts import ItemFacts, spread_of
from headstart.data.upright_boxes import STORED_TURNED, turned, upright
from headstart.data.written_boxes import TASK, WrittenBoxes, refuse

ROUNDING = 0.05
"""Pixels by which an edge may lie outside a picture because it was rounded when it was written."""
SHAPE = 0.01
SMALL, MEDIUM = 32.0**2, 96.0**2
HINT = "Correct the files, and load the data again. A box that is not on its picture may belong to another one."

SWAPPED = "opposite corners swapped: put in order"
CLIPPED = "reaches beyond the picture: cut off at its edge"
EMPTY = "a box without area marks nothing"
TWICE = "the same box of the same class is there before"
TURNED = "drawn on the picture as it is stored: turned upright with it, as its EXIF data say"
ASSUMED = "its EXIF data turn the picture: boxes are taken to be drawn on the upright one"
SCALED = "drawn on a picture of another size and the same shape: scaled to this one"
TWO_CLASSES = "the same box has two classes"


@dataclass
class _Findings:
    """What came up, picture by picture."""

    problems: list[str] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)


@dataclass(frozen=True)
class _Picture:
    """What the scan knows of one: its name, width and height when upright, and its EXIF orientation."""

    name: str
    width: int
    height: int
    orientation: int

    @property
    def size(self) -> tuple[int, int]:
        return self.width, self.height


class BoxChecks:
    """What object detection asks of its targets."""

    name = TASK

    def check(self, dataset: Dataset, facts: ItemFacts) -> tuple[Dataset, ItemFacts]:
        """Boxes of the upright pictures, in pixels and inside; what was repaired is in the ledger.

        Raises `DataError` for boxes outside their pictures and for pictures of another size than boxes were drawn on.
        """
        assert isinstance(facts, Facts)
        found = _Findings()
        targets = []
        for index, target in enumerate(dataset.targets):
            row = facts.rows[index]
            name = dataset.inputs.name(index)
            picture = _Picture(name, int(row["width"]), int(row["height"]), int(row["orientation"]))
            targets.append(settled(target, picture, found) if isinstance(target, WrittenBoxes) else target)
        refuse(found.problems, hint=HINT)
        found.events += _unused(dataset, targets)
        if not any(len(boxes) for boxes in targets):
            raise DataError(f"{dataset.source} holds no box at all: there is nothing to learn.")
        ledger = dataset.ledger + Ledger.of(found.events)
        return replace(dataset, targets=column_of(targets), ledger=ledger), facts

    def described(self, dataset: Dataset, facts: ItemFacts) -> dict[str, Any]:
        """How many boxes there are, of what, and how large."""
        assert isinstance(facts, Facts)
        return {"boxes": box_profile(dataset, facts)}


def problems_of(written: WrittenBoxes, name: str, size: tuple[int, int], orientation: int) -> list[str]:
    """What only the user can settle of boxes on an upright picture of this name, width and height."""
    found = _Findings()
    settled(written, _Picture(name, *size, orientation), found)
    return found.problems


def settled(written: WrittenBoxes, picture: _Picture, found: _Findings) -> Boxes:
    """The boxes of one picture, put right."""
    xyxy = written.xyxy.astype(np.float64)
    keep = np.asarray(np.isfinite(xyxy).all(axis=1))
    found.problems += [
        f"{picture.name}: {written.called(int(place))} has edges that are no numbers."
        for place in np.flatnonzero(~keep)
    ]
    placed = _in_pixels(np.where(keep[:, None], xyxy, 0.0), written, picture, found)
    if placed is None:
        return _taken(written, np.zeros((len(written), 4)), np.zeros(len(written), np.bool_), picture)
    low, high = placed[:, :2], placed[:, 2:]
    ordered = np.concatenate([np.minimum(low, high), np.maximum(low, high)], axis=1)
    _say(found, "repaired", SWAPPED, written, picture, keep & (ordered != placed).any(axis=1))
    keep = _cut(ordered, keep, written, picture, found)
    keep = _once(ordered, keep, written, picture, found)
    return _taken(written, ordered, keep, picture)


def _taken(
    written: WrittenBoxes, xyxy: npt.NDArray[np.float64], keep: npt.NDArray[np.bool_], picture: _Picture
) -> Boxes:
    truncated = None if written.truncated is None else written.truncated[keep]
    return Boxes(xyxy[keep].astype(np.float32), written.labels[keep], written.ignored[keep], truncated, picture.size)


def _in_pixels(
    xyxy: npt.NDArray[np.float64], written: WrittenBoxes, picture: _Picture, found: _Findings
) -> npt.NDArray[np.float64] | None:
    """Edges in pixels of the upright picture; None where the picture is not the one that was drawn on."""
    if written.relative:
        _note_turn(written, picture, found)
        return np.asarray(xyxy * np.array([*picture.size, *picture.size], np.float64))
    if written.size in ((0, 0), picture.size):
        _note_turn(written, picture, found)
        return xyxy
    stored = turned(picture.size, picture.orientation)
    if written.size == stored:
        if len(written):
            found.events.append(("converted", TURNED, picture.name))
        return upright(xyxy, stored, picture.orientation)
    across, down = picture.width / written.size[0], picture.height / written.size[1]
    fits = bool((xyxy <= np.array([*written.size, *written.size]) + 1).all())
    if abs(across / down - 1) <= SHAPE and fits:
        found.events.append(("repaired", SCALED, picture.name))
        return np.asarray(xyxy * np.array([across, down, across, down], np.float64))
    drawn, is_ = (f"{width} x {height}" for width, height in (written.size, picture.size))
    found.problems.append(f"{picture.name}: its boxes were drawn on a picture of {drawn} pixels, and it has {is_}.")
    return None


def _note_turn(written: WrittenBoxes, picture: _Picture, found: _Findings) -> None:
    sure = picture.orientation in STORED_TURNED and written.size == picture.size and picture.width != picture.height
    if len(written) and picture.orientation != 1 and not sure:
        found.events.append(("noted", ASSUMED, picture.name))


def _cut(
    xyxy: npt.NDArray[np.float64],
    keep: npt.NDArray[np.bool_],
    written: WrittenBoxes,
    picture: _Picture,
    found: _Findings,
) -> npt.NDArray[np.bool_]:
    """Cut boxes off at the picture's edges, in place, and say which are left."""
    limits = np.array([*picture.size, *picture.size], np.float64)
    empty = keep & ((xyxy[:, 2:] - xyxy[:, :2]) <= 0).any(axis=1)
    _say(found, "skipped", EMPTY, written, picture, empty)
    keep = keep & ~empty
    outside = keep & ((xyxy[:, 2:] <= ROUNDING) | (xyxy[:, :2] >= limits[:2] - ROUNDING)).any(axis=1)
    found.problems += [
        f"{picture.name}: {written.called(int(place))} lies outside its {picture.width} x {picture.height} pixels."
        for place in np.flatnonzero(outside)
    ]
    inside = np.clip(xyxy, 0, limits)
    _say(found, "repaired", CLIPPED, written, picture, keep & ~outside & (np.abs(inside - xyxy) > ROUNDING).any(axis=1))
    xyxy[:] = inside
    return keep & ~outside


def _once(
    xyxy: npt.NDArray[np.float64],
    keep: npt.NDArray[np.bool_],
    written: WrittenBoxes,
    picture: _Picture,
    found: _Findings,
) -> npt.NDArray[np.bool_]:
    """Leave out what is there twice."""
    places = np.flatnonzero(keep)
    rows = np.column_stack([xyxy[places].astype(np.float32), written.labels[places]])
    _, first = np.unique(rows, axis=0, return_index=True)
    again = np.zeros(len(written), np.bool_)
    again[np.delete(places, first)] = True
    _say(found, "skipped", TWICE, written, picture, again)
    if len(np.unique(rows[first, :4], axis=0)) < len(first):
        found.events.append(("noted", TWO_CLASSES, picture.name))
    return keep & ~again


def _say(
    found: _Findings, action: Any, reason: str, written: WrittenBoxes, picture: _Picture, where: npt.NDArray[np.bool_]
) -> None:
    found.events += [
        (action, reason, f"{picture.name}: {written.called(int(place))}") for place in np.flatnonzero(where)
    ]


def _unused(dataset: Dataset, targets: list[Boxes]) -> list[Event]:
    counts = sum((boxes.counts(len(dataset.labels)) for boxes in targets), np.zeros(len(dataset.labels), np.int64))
    return [("noted", "a class that no box is of", dataset.labels[label]) for label in np.flatnonzero(counts == 0)]


def box_profile(dataset: Dataset, facts: Facts) -> BoxProfile:
    """Numbers and sizes of boxes; ignored ones are only counted."""
    sizes, shares, labels = [], [], []
    for boxes, row in zip(dataset.targets, facts.rows, strict=True):
        real = ~boxes.ignored
        sides = boxes.xyxy[real, 2:] - boxes.xyxy[real, :2]
        area = sides.prod(axis=1)
        sizes.append(area)
        shares.append(np.sqrt(area / max(int(row["width"]) * int(row["height"]), 1)))
        labels.append(boxes.labels[real])
    areas, of = np.concatenate(sizes), np.concatenate(labels)
    return BoxProfile(
        boxes=len(areas),
        ignored=sum(int(boxes.ignored.sum()) for boxes in dataset.targets),
        per_label=tuple(int(count) for count in np.bincount(of, minlength=len(dataset.labels))),
        a_picture=spread_of(np.array([len(found) for found in labels])),
        empty=sum(len(found) == 0 for found in labels),
        side=spread_of(np.sqrt(areas)),
        share=spread_of(np.concatenate(shares)),
        small=int((areas < SMALL).sum()),
        medium=int(((areas >= SMALL) & (areas < MEDIUM)).sum()),
        large=int((areas >= MEDIUM).sum()),
    )


BOXES = BoxChecks()
