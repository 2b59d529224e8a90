"""One text file of YOLO's labels -> boxes in fractions of a picture whose size is not known yet."""

from __future__ import annotations

import math
from pathlib import Path

from headstart.core.ledger import Event
from headstart.data.written_boxes import WrittenBoxes, written

LARGEST = 2.0
"""Fractions beyond this were meant as pixels."""


def read_yolo(path: Path, classes: int, events: list[Event], problems: list[str]) -> WrittenBoxes:
    """Read `class x y width height` or `class x1 y1 x2 y2 ...` a line; a file that is not there has no boxes."""
    xyxy: list[tuple[float, ...]] = []
    labels: list[int] = []
    lines: list[int] = []
    shown = f"{path.parent.name}/{path.name}"
    for number, line in enumerate(_lines(path, shown, problems), 1):
        if not line.strip():
            continue
        try:
            label, box, outlined = _parsed(line, classes)
        except ValueError as error:
            problems.append(f"{shown}: line {number} {error}.")
            continue
        if outlined:
            events.append(("converted", "an outline: the box is drawn around it", f"{shown}: line {number}"))
        xyxy.append(box)
        labels.append(label)
        lines.append(number)
    return written(xyxy, labels, relative=True, named=("line", lines))


def _lines(path: Path, shown: str, problems: list[str]) -> list[str]:
    if not path.is_file():
        return []
    try:
        return path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        problems.append(f"{shown} cannot be read: {error}.")
        return []


def _parsed(line: str, classes: int) -> tuple[int, tuple[float, ...], bool]:
    """Class, edges, and whether they were an outline. Raises `ValueError` whose text goes on after `line 3`."""
    words = line.split()
    try:
        values = [float(word) for word in words]
    except ValueError:
        raise ValueError(f"has words that are no numbers: {line.strip()!r:.60}") from None
    if not all(map(math.isfinite, values)):
        raise ValueError(f"has values that are no finite numbers: {line.strip()!r:.60}")
    if not values[0].is_integer() or not 0 <= values[0] < classes:
        raise ValueError(f"is of class {words[0]}, and classes go from 0 to {classes - 1}")
    numbers = values[1:]
    if len(numbers) != 4 and (len(numbers) < 6 or len(numbers) % 2):
        raise ValueError(f"has {len(words)} values: a class and four numbers are due, or an outline's pairs of them")
    if max(map(abs, numbers)) > LARGEST:
        raise ValueError("is in pixels, it seems: fractions of the picture are due")
    label = int(values[0])
    if len(numbers) > 4:
        xs, ys = numbers[::2], numbers[1::2]
        return label, (min(xs), min(ys), max(xs), max(ys)), True
    x, y, width, height = numbers
    return label, (x - width / 2, y - height / 2, x + width / 2, y + height / 2), False
