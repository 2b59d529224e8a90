"""What the numbers or colours of a data set's masks stand for: by its list of classes, or by what they hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from headstart.core.ledger import Event
from headstart.core.targets import IGNORED
from headstart.data.mask_classes import LIST_HINT, ClassList
from headstart.data.mask_values import BORDER, NO_CLASS, NO_COLOUR, MaskFacts, colour_name
from headstart.data.masks import MIDDLE, Coding

BINARY = ("background", "foreground")
MOST_CLASSES, SHOWN = 1000, 20
LARGEST = np.iinfo(np.int32).max
"""No mask holds a larger number."""
SMEARED = 0.02
"""The share of in-between shades up to which masks of a format that smears are taken for black and white ones."""


@dataclass
class Coded:
    """`coding` leads to `labels`; None where `problems` say why there is none. `hint` says what to do about them."""

    labels: tuple[str, ...] = ()
    coding: Coding | None = None
    events: list[Event] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    hint: str = ""


class _Totals:
    """How many pixels, in how many masks, have each value."""

    def __init__(self, facts: Sequence[MaskFacts], *, coloured: bool) -> None:
        self.pixels: dict[int, int] = {}
        self.masks: dict[int, int] = {}
        for one in facts:
            values = one.palette[one.values] if coloured and one.palette is not None else one.values
            for value, count in zip(values.tolist(), one.counts.tolist(), strict=True):
                self.pixels[value] = self.pixels.get(value, 0) + count
                self.masks[value] = self.masks.get(value, 0) + 1
        self.all = max(1, sum(self.pixels.values()))

    def share(self, value: int) -> str:
        """`3.20%`: how many of all pixels have the value."""
        return f"{self.pixels[value] / self.all:.2%}"

    def shown(self, value: int, name: str) -> str:
        """`11 in 367 masks, 3.20% of all pixels`."""
        count = self.masks[value]
        return f"{name} in {count} {'mask' if count == 1 else 'masks'}, {self.share(value)} of all pixels"

    def halved(self) -> _Totals:
        """The same with shades taken for black or white; of masks, as many as have the most frequent shade."""
        found = _Totals([], coloured=False)
        found.all = self.all
        for value, count in self.pixels.items():
            nearer = 0 if value < MIDDLE else BORDER
            found.pixels[nearer] = found.pixels.get(nearer, 0) + count
            found.masks[nearer] = max(found.masks.get(nearer, 0), self.masks[value])
        return found


def code_masks(facts: Sequence[MaskFacts], classes: ClassList | None, ignore: Sequence[int], *, place: str) -> Coded:
    """The coding of masks by what is in all of them; `place` is what the data are called in the ledger."""
    if any(one.coloured for one in facts):
        return _colours(facts, classes, ignore, place)
    if classes is not None and classes.colours is not None and _palettes_fit(facts, classes.colours):
        return _colours(facts, classes, ignore, place)
    plain = all(one.palette is None or one.lossy for one in facts)
    if not any(one.lossy for one in facts):
        return _numbers(_Totals(facts, coloured=False), classes, ignore, place, plain=plain)
    return _smeared(_Totals(facts, coloured=False), classes, ignore, place, plain=plain)


def _palettes_fit(facts: Sequence[MaskFacts], colours: Sequence[int]) -> bool:
    known = [*colours, NO_CLASS]
    return all(one.palette is not None and np.isin(one.palette[one.values], known).all() for one in facts)


def _colours(facts: Sequence[MaskFacts], classes: ClassList | None, ignore: Sequence[int], place: str) -> Coded:
    plain = sum(not one.coloured and one.palette is None for one in facts)
    if plain:
        some = f"{plain} of {len(facts)} masks hold numbers, the others colours."
        return Coded(problems=[some], hint="All masks of a data set have to be of one kind.")
    totals = _Totals(facts, coloured=True)
    if classes is None or classes.colours is None:
        where = "no list of classes" if classes is None else f"no colours in {classes.file}"
        first = f"The masks are in colours, and there is {where}."
        return Coded(problems=[first, *_listed(totals, list(totals.pixels))],
                     hint="Write a classes.txt with a line `name red green blue` for each class.")  # fmt: skip
    unknown = [colour for colour in totals.pixels if colour not in (*classes.colours, NO_CLASS)]
    if unknown:
        first = f"{len(unknown)} colours in the masks are not in {classes.file}:"
        more = any(one.lossy for one in facts)
        smeared = ["The masks are stored in a format that smears colours, such as JPEG."] if more else []
        return Coded(problems=[first, *_listed(totals, unknown), *smeared],
                     hint=f"Add them to {classes.file}; a class that is not to be learnt can be left out by "
                     "--ignore-index with the number of its line, from 0.")  # fmt: skip
    kept = [row for row in range(len(classes.names)) if row not in ignore]
    coded = Coded(tuple(classes.names[row] for row in kept))
    places = dict.fromkeys([*classes.colours, NO_CLASS], IGNORED)
    places |= {classes.colours[row]: new for new, row in enumerate(kept)}
    coded.coding = _coding(places, coloured=True)
    for row in ignore:
        there = 0 <= row < len(classes.names)
        reason = (
            f"the class '{classes.names[row]}' is left out as asked"
            if there
            else f"{classes.file} has no line {row}, from 0"
        )
        coded.events.append(("noted", reason, place))
    if NO_CLASS in totals.pixels:
        coded.events.append(("noted", _usual(totals.share(NO_CLASS)), place))
    return coded


def _listed(totals: _Totals, colours: list[int]) -> list[str]:
    colours = sorted(colours, key=lambda colour: -totals.pixels[colour])
    names = {colour: f"colour {colour_name(colour)}" for colour in colours[:SHOWN]}
    names |= dict.fromkeys({NO_COLOUR, NO_CLASS} & names.keys(), "numbers without a colour in their palette")
    lines = [totals.shown(colour, name) for colour, name in names.items()]
    return lines + ([f"and {len(colours) - SHOWN} more colours"] if len(colours) > SHOWN else [])


def _smeared(totals: _Totals, classes: ClassList | None, ignore: Sequence[int], place: str, *, plain: bool) -> Coded:
    between = sum(count for value, count in totals.pixels.items() if 16 <= value < 240)
    if between > SMEARED * totals.all or max(totals.pixels) < 240 or (classes is not None and len(classes.names) > 2):
        return Coded(problems=["The masks are stored in a format that smears, such as JPEG: their classes are lost."],
                     hint="Store masks as PNG; where the originals are gone, they have to be made again.")  # fmt: skip
    coded = _numbers(totals.halved(), classes, ignore, place, plain=plain)
    if coded.coding is not None:
        coded.coding = replace(coded.coding, halved=True)
        reason = "the masks are stored in a format that smears: shades were split at 128"
        coded.events.append(("repaired", reason, place))
    return coded


def _numbers(totals: _Totals, classes: ClassList | None, ignore: Sequence[int], place: str, *, plain: bool) -> Coded:
    """By the list; where it does not say what numbers stand for, just 0 and 255 are two classes. `plain` is greys."""
    found = set(totals.pixels)
    silent = classes is None or (len(classes.names) <= 2 and not classes.numbered and classes.colours is None)
    events: list[Event] = []
    if silent and BORDER in found and found <= {0, BORDER} and BORDER not in ignore:
        classes = _binary(classes)
        reason = f"the masks hold just 0 and 255: taken as '{classes.names[0]}' and '{classes.names[1]}'"
        events.append(("noted", reason, place))
    elif classes is None:
        return _numbers_alone(totals, ignore, place)
    elif plain and classes.colours is not None and not classes.numbered:
        greys = _greys(classes, found - {*ignore, BORDER})
        if greys is not None:
            classes = greys
            events.append(("noted", f"the masks are grey: their numbers are the greys of {classes.file}", place))
    coded = _by_list(totals, classes, ignore, place)
    coded.events[:0] = events
    return coded


def _binary(classes: ClassList | None) -> ClassList:
    """The two classes of 0 and 255; a list of one names what is not the background."""
    names = () if classes is None else classes.names
    labels = names if len(names) == 2 else (BINARY[0], names[0]) if len(names) == 1 else BINARY
    return ClassList(labels, (0, BORDER), None, "")


def _greys(classes: ClassList, found: set[int]) -> ClassList | None:
    """The classes with their greys as their numbers; None where the numbers found are rather those of their lines.

    A class of another colour than a grey gets a number that no mask holds.
    """
    colours = classes.colours or ()
    values = tuple(
        colour & 255 if colour == (colour & 255) * 0x10101 else -1 - row for row, colour in enumerate(colours)
    )
    lines = found <= {*classes.values} and BORDER not in values
    all_grey = min(values) >= 0
    same = lines and all(values[value] == value for value in found)
    return None if not found <= {*values} or same or (lines and not all_grey) else replace(classes, values=values)


def _by_list(totals: _Totals, classes: ClassList, ignore: Sequence[int], place: str) -> Coded:
    found = set(totals.pixels)
    border = {BORDER} if BORDER not in classes.values else set()
    kept = [row for row, value in enumerate(classes.values) if value not in ignore]
    unknown = sorted(found - set(classes.values) - set(ignore) - border)
    if unknown:
        return _outside(totals, classes, unknown)
    coded = Coded(tuple(classes.names[row] for row in kept), events=_left_out(totals, ignore, border & found, place))
    if border & found - {*ignore} and found <= {0, BORDER}:
        reason = f"{classes.file} gives 255 to no class: where it stands for one, write 255 before the name"
        coded.events.append(("noted", reason, place))
    places = dict.fromkeys([*border, *ignore], IGNORED) | {classes.values[row]: new for new, row in enumerate(kept)}
    coded.coding = _coding(places)
    return coded


def _outside(totals: _Totals, classes: ClassList, unknown: list[int]) -> Coded:
    allowed = f"{len(classes.names)} classes of {classes.file}, {min(classes.values)} to {max(classes.values)}"
    problems = [
        totals.shown(value, f"value {value}") + f": it is not among the {allowed}." for value in unknown[:SHOWN]
    ]
    if len(unknown) > SHOWN:
        problems.append(f"{len(unknown) - SHOWN} more values are in no class.")
    hint = (
        f"Add them to {classes.file}, or leave these pixels out: --ignore-index {','.join(map(str, unknown[:SHOWN]))}"
    )
    return Coded(problems=problems, hint=hint)


def _numbers_alone(totals: _Totals, ignore: Sequence[int], place: str) -> Coded:
    """Each number that occurs is a class."""
    left_out = {BORDER, *ignore}
    values = sorted(set(totals.pixels) - left_out)
    if len(values) > MOST_CLASSES or any(value < 0 for value in values):
        sentence = f"The masks hold {len(values)} values, {values[0]} to {values[-1]}: too many to be classes."
        return Coded(problems=[sentence], hint="Are these depths, or numbers of single objects?")
    if not values:
        return Coded(problems=["The masks hold no class, only pixels that are left out."])
    coded = Coded(tuple(map(str, values)), events=_left_out(totals, ignore, {BORDER} & set(totals.pixels), place))
    reason = "there is no list of classes: each number in the masks is a class of that name"
    coded.events.append(("noted", reason, place))
    coded.coding = _coding(dict.fromkeys(left_out, IGNORED) | {value: new for new, value in enumerate(values)})
    return coded


def _left_out(totals: _Totals, ignore: Sequence[int], border: set[int], place: str) -> list[Event]:
    """One event for each number whose pixels are neither learnt nor counted."""
    events: list[Event] = []
    for value in sorted({*ignore, *border}):
        if value in totals.pixels:
            asked = f"pixels of value {value} ({totals.share(value)}) are left out, as asked"
            events.append(("noted", asked if value in ignore else _usual(totals.share(value)), place))
        else:
            events.append(("noted", f"no pixel has the value {value} that is to be left out", place))
    return events


def _usual(share: str) -> str:
    return f"pixels of value {BORDER} ({share}) are left out, as is usual"


def _coding(places: dict[int, int], *, coloured: bool = False) -> Coding:
    values = np.array(sorted(value for value in places if abs(value) <= LARGEST), np.int32)
    codes: npt.NDArray[np.int16] = np.array([places[int(value)] for value in values], np.int16)
    return Coding(values, codes, coloured=coloured)


__all__ = ["BINARY", "LIST_HINT", "Coded", "code_masks"]
