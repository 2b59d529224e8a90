"""An evaluation as plain text for people: numbers with intervals, tables by label and by group, confusions, notes."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table

    from headstart.core.evaluation import Evaluation, GroupRow

MOST_CLASSES, MOST_ROWS, WORST = 20, 30, 10
COLUMNS = {
    "precision": "precision",
    "recall": "recall",
    "f1": "F1",
    "auroc": "AUROC",
    "average_precision": "av. precision",
}
"""Numbers of a class and their titles."""
MORE_COLUMNS = {"average_precision_50": "at overlap 0.5", "iou": "IoU"}
"""Those of classes of boxes and of pixels."""


def evaluation_text(evaluation: Evaluation, *, width: int | None = None) -> str:
    """Text at most `width` columns wide, by default that of the terminal (80 where there is none)."""
    columns = width or min(max(shutil.get_terminal_size((80, 24)).columns, 60), 120)
    blocks = [
        _metrics(evaluation, columns),
        _classes(evaluation, columns),
        _confusion(evaluation, columns),
        _groups(evaluation.per_group, columns),
        _notes(evaluation.notes, columns),
    ]
    return "\n\n".join(block for block in blocks if block)


def _metrics(evaluation: Evaluation, width: int) -> str:
    from headstart.metrics.table import title_of

    clean = evaluation.without_leaks
    header = ["", _items(evaluation.items), "95 % interval"]
    rows = [[title_of(name), *_value(evaluation, name)] for name in evaluation.metrics]
    if clean is not None:
        header += [f"{clean.items} unseen", "95 % interval"]
        rows = [[*row, *_value(clean, name)] for row, name in zip(rows, evaluation.metrics, strict=True)]
    remarks = [f"{printable(evaluation.part)}:"]
    if evaluation.positive:
        remarks.append(f"The positive class is '{printable(evaluation.positive)}'.")
    if len(evaluation.thresholds) == 1:
        remarks.append(f"It is predicted from a probability of {evaluation.thresholds[0]:.3f} on.")
    if evaluation.resampled:
        remarks.append(f"Intervals resample {evaluation.resampled}.")
    return "\n".join([remarks[0], table_text(plain_table(header, rows), width), *wrapped(" ".join(remarks[1:]), width)])


def _classes(evaluation: Evaluation, width: int) -> str:
    from headstart.metrics.table import STRUCTURED_TITLES

    rows = evaluation.per_class
    shown, title = list(rows), ""
    if len(rows) > MOST_ROWS:
        shown = sorted(rows, key=lambda row: (row.f1 is None, row.f1 or 0.0))[:WORST]
        title = f"The {WORST} of {len(rows)} classes with the lowest F1:\n"
    there = [name for name in (*COLUMNS, *MORE_COLUMNS) if any(getattr(row, name) is not None for row in rows)]
    columns = there if evaluation.metrics.keys() & STRUCTURED_TITLES.keys() else list(COLUMNS)
    header = ["class", "items", *((COLUMNS | MORE_COLUMNS)[name] for name in columns)]
    cells = [
        [printable(row.label), str(row.support), *(_fraction(getattr(row, name)) for name in columns)] for row in shown
    ]
    return title + table_text(plain_table(header, cells), width) if rows else ""


def _confusion(evaluation: Evaluation, width: int) -> str:
    """The whole matrix, with numbers for names where these do not fit; what is confused most where it is too wide."""
    matrix, labels = evaluation.confusion, [printable(row.label) for row in evaluation.per_class]
    if not matrix:
        return ""
    numbers = [str(place) for place in range(1, len(labels) + 1)]
    cells = [[str(count) if count else "." for count in counts] for counts in matrix]
    wide = sum(max(map(len, column)) for column in zip(numbers, *cells, strict=True))
    for gap, names, least in ((2, labels, 20), (1, labels, 12), (1, [""] * len(labels), 4)):
        if len(labels) <= MOST_CLASSES and wide + gap * len(labels) + least <= width:
            firsts = [f"{number} {name}".strip() for number, name in zip(numbers, names, strict=True)]
            rows = [[first, *row] for first, row in zip(firsts, cells, strict=True)]
            return "predicted as:\n" + table_text(plain_table(["true", *numbers], rows, gap=gap), width)
    return _most_confused(matrix, labels, width)


def _most_confused(matrix: Sequence[Sequence[int]], labels: Sequence[str], width: int) -> str:
    wrong = [
        (count, labels[true], labels[predicted])
        for true, counts in enumerate(matrix)
        for predicted, count in enumerate(counts)
        if count and true != predicted
    ]
    if not wrong:
        return ""
    worst = sorted(wrong, key=lambda row: -row[0])[:WORST]
    rows = [[true, predicted, str(count)] for count, true, predicted in worst]
    return "most often confused:\n" + table_text(plain_table(["true", "predicted", "items"], rows, words=2), width)


def _groups(rows: Sequence[GroupRow], width: int) -> str:
    if not rows:
        return ""
    shown, title = list(rows), ""
    if len(rows) > MOST_ROWS:
        shown = sorted(rows, key=lambda row: row.metrics["accuracy"])[:WORST]
        title = f"The {WORST} of {len(rows)} groups with the lowest accuracy:\n"
    titles = {"accuracy": "accuracy", "macro_f1": "macro F1", "auroc": "AUROC"}
    names = [name for name in titles if any(name in row.metrics for row in rows)]
    cells = [
        [printable(row.group), str(row.items), *(_fraction(row.metrics.get(name)) for name in names)] for row in shown
    ]
    return title + table_text(plain_table(["group", "items", *(titles[name] for name in names)], cells), width)


def _notes(notes: Iterable[str], width: int) -> str:
    return "\n".join(line for note in notes for line in wrapped(printable(note), width, first="- "))


def _value(evaluation: Evaluation, name: str) -> list[str]:
    value, interval = evaluation.metrics.get(name), evaluation.intervals.get(name)
    return [
        "" if value is None else f"{value:.4f}",
        "" if interval is None else f"{interval[0]:.4f}-{interval[1]:.4f}",
    ]


def _items(count: int) -> str:
    return "1 item" if count == 1 else f"{count} items"


def _fraction(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def plain_table(header: Sequence[str], rows: Iterable[Sequence[str]], *, words: int = 1, gap: int = 2) -> Table:
    """A table without lines; its first columns hold words, which may be folded, the others numbers."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, gap, 0, 0))
    for place, title in enumerate(header):
        if place < words:
            table.add_column(title, overflow="fold", min_width=min(8, len(title)))
        else:
            table.add_column(title, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    return table


def table_text(table: Table, width: int) -> str:
    """A table as lines without trailing blanks."""
    from rich.console import Console

    text = io.StringIO()
    Console(file=text, width=width, color_system=None, markup=False, emoji=False, highlight=False).print(table)
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines())


def wrapped(text: str, width: int, *, first: str = "") -> list[str]:
    """Lines of at most `width` columns; the first one begins with `first`, the others are indented as far."""
    from rich.console import Console
    from rich.text import Text

    lines = Text(text).wrap(Console(width=width, file=io.StringIO()), width - len(first))
    return [(" " * len(first) if place else first) + line.plain.rstrip() for place, line in enumerate(lines) if text]


def printable(text: str) -> str:
    """The text with line ends, control characters and broken file names written as escapes."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
