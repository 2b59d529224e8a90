"""The tables of the calibration of the verdict, written into `benchmarks/README.md`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

README = Path(__file__).parent / "README.md"
START, END = "<!-- verdict: start -->", "<!-- verdict: end -->"

Rows = dict[str, dict[str, Any]]


def write(rows: Rows) -> None:
    """Put the tables between the markers."""
    head, _, rest = README.read_text().partition(START)
    _, _, tail = rest.partition(END)
    parts = [
        _answers(rows),
        _simpler(rows),
        _parts(rows),
        _power(rows),
        _others(rows),
        _curves(rows["learning curves"]),
    ]
    README.write_text(f"{head}{START}\n" + "\n\n".join(parts) + f"\n{END}{tail}")


def _table(columns: tuple[str, ...], lines: list[tuple[str, ...]]) -> str:
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (columns, ("---",) * len(columns), *lines))


def _percent(value: float, digits: int = 1) -> str:
    return f"{100 * value:.{digits}f}"


def _answers(rows: Rows) -> str:
    shown = {name: row for name, row in rows.items() if name.startswith(("real", "sham", "model"))}
    columns = ("population", "R x N", "differ", "coverage", "width", "helps (at most)", "hurts (at most)", "equivalent")
    return _table(
        (*columns, "undetermined"),
        [
            (
                name,
                f"{row['repeats']} x {row['items']}",
                _percent(row["disagreement"]),
                _percent(row["coverage"]),
                _percent(row["width"]),
                f"{_percent(row['helps'])} ({_percent(row['helps at most'])})",
                f"{_percent(row['hurts'])} ({_percent(row['hurts at most'])})",
                _percent(row["equivalent"]),
                _percent(row["undetermined"]),
            )
            for name, row in shown.items()
        ],
    )


def _simpler(rows: Rows) -> str:
    shown = {name: row for name, row in rows.items() if row.get("simpler")}
    names = ("t over repeats alone", "test items alone", "percentiles of repeats")
    lines = [
        (name, _percent(row["coverage"]), *(_percent(row["simpler"][each]) for each in names))
        for name, row in shown.items()
    ]
    return "Coverage, in %, of the interval and of three that leave something out:\n\n" + _table(
        ("population", "the verdict's", *names), lines
    )


def _parts(rows: Rows) -> str:
    lines = []
    for name, row in rows.items():
        if "parts" not in row:
            continue
        parts, repeats, items = row["parts"], row["repeats"], row["items"]
        of = {
            "split": parts["split"] / repeats,
            "seed": parts["seed"] / repeats,
            "item": parts["item"] / items,
            "item x split": parts["item x split"] / (repeats * items),
            "item x seed": parts["item x seed"] / (repeats * items),
        }
        total = sum(of.values())
        lines.append((name, f"{repeats} x {items}", *(_percent(max(part, 0) / total, 0) for part in of.values())))
    head = "Where the variance of an estimate comes from, in %: known from the whole population, not estimated.\n\n"
    return head + _table(("population", "R x N", "splits", "seeds", "items", "items x splits", "items x seeds"), lines)


def _power(rows: Rows) -> str:
    shown = {tuple(name.split(", ")[1:]): row for name, row in rows.items() if name.startswith("power")}
    items = list(dict.fromkeys(name[0] for name in shown))
    columns = list(dict.fromkeys(name[1] for name in shown))
    lines = []
    for each in items:
        cells = (shown[each, column] for column in columns)
        lines.append(
            (
                each,
                *(
                    f"{_percent(row['helps'], 0)} ({_percent(row['formula'], 0)}); "
                    f"{_percent(row['error'], 2)} ({_percent(row['error by formula'], 2)})"
                    for row in cells
                ),
            )
        )
    head = (
        "One pair of models, a true gain of 5 points: how often it helps, in %, and in brackets what the normal "
        "formula with a standard error of sqrt(disagreement / items) says; then the mean standard error, "
        "and the formula's, in points.\n\n"
    )
    return head + _table(("test items", *columns), lines)


def _others(rows: Rows) -> str:
    splits, holm = rows["resampled splits"], rows["holm, three models at the margin"]
    promise, macro = rows["promise of items needed"], rows["macro F1"]
    lines = [
        ("ten random splits of 300 digits: coverage of the corrected resampled t", _percent(splits["coverage"])),
        ("the same, plain t over the splits", _percent(splits["coverage of the plain t"])),
        ("three models exactly at the margin: any false alarm, one by one", _percent(holm["false alarms one by one"])),
        ("the same, with Holm", _percent(holm["false alarms with holm"])),
        ("macro F1, 5 pairs of models, 300 digits, 400 experiments: coverage", _percent(macro["coverage"])),
        ("undetermined with 300 items, carried on to `items_needed`: decided then", _percent(promise["kept"])),
    ]
    return _table(("other rows", "%"), lines)


def _curves(rows: Rows) -> str:
    times = ("1", "2", "4", "10")
    lines = [
        (
            name,
            *(f"{_percent(row['coverage'][each], 0)} ({_percent(row['width'][each])})" for each in times),
            _percent(row["doubling"], 0),
            _percent(row["labels needed"], 0),
        )
        for name, row in rows.items()
        if isinstance(row, dict)
    ]
    head = (
        "Learning curves, 3 repeats with 20 to 320 labels, 60 experiments a row: coverage of the 95 % band in %, and "
        "in brackets its width in points, at so many times the most labels that were measured.\n\n"
    )
    return head + _table(("truth", *(f"{each} x" for each in times), "doubling", "labels needed"), lines)
