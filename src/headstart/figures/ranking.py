"""A ranking as a picture: how far each model is behind the best, with its interval, against what it costs."""

from __future__ import annotations

from pathlib import Path

from headstart.core.ranking import RankedModel, Ranking
from headstart.figures.canvas import ACCENT, MUTED, PLAIN, new_canvas, save

MOST = 25


def draw_ranking(ranking: Ranking, path: Path) -> None:
    """Write a PNG. Raises `RunError` where that is not possible."""
    rows = [row for row in ranking.rows if row.milliseconds is not None][:MOST]
    figure, axes = new_canvas(width=8, height=4.8)
    for row in rows:
        colour = ACCENT if row.id == ranking.chosen else PLAIN if row.tied else MUTED
        lead = -row.behind.value
        errors = [[lead + row.behind.high], [-row.behind.low - lead]]
        axes.errorbar(row.milliseconds, lead, yerr=errors, fmt="o", color=colour, capsize=3, markersize=6)
    for row, shift in zip(rows, _shifts(rows), strict=True):
        axes.annotate(
            _name(row.id),
            (row.milliseconds, -row.behind.value),
            xytext=(7, shift),
            textcoords="offset points",
            fontsize=8,
            color=ACCENT if row.id == ranking.chosen else "black",
        )
    axes.axhline(0, color=MUTED, linewidth=0.8, linestyle=":")
    axes.set_xscale("log")
    axes.set_xlabel("milliseconds an item on this machine")
    axes.set_ylabel(f"{ranking.metric.replace('_', ' ')} against the best")
    axes.set_title(f"{ranking.data_name}: take {_name(ranking.chosen)}", loc="left", fontsize=11)
    axes.margins(x=0.18)
    save(figure, path)


def _name(model: str) -> str:
    return model.rstrip("/").rpartition("/")[2]


def _shifts(rows: list[RankedModel]) -> list[float]:
    """How far, in points, each label is moved up or down so that labels of neighbours do not lie on each other."""
    highest = max((abs(row.behind.value) for row in rows), default=0.0) or 1.0
    placed: list[tuple[float, float]] = []
    shifts = []
    for row in rows:
        place, shift = -row.behind.value / highest * 250, -3.0
        cost = row.milliseconds or 1.0
        while any(abs(place + shift - other) < 10 and 0.4 < cost / near < 2.5 for other, near in placed):
            shift += 10
        placed.append((place + shift, cost))
        shifts.append(shift)
    return shifts
