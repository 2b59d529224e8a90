"""A ranking as a picture: how far each model is behind the best, with its interval, against what it costs."""

from __future__ import annotations

from pathlib import Path

from headstart.core.ranking import Ranking
from headstart.figures.canvas import ACCENT, MUTED, PLAIN, new_canvas, save

MOST = 25


def draw_ranking(ranking: Ranking, path: Path) -> None:
    """Write a PNG. Raises `RunError` where that is not possible."""
    rows = ranking.rows[:MOST]
    figure, axes = new_canvas(width=8.5, height=4.8)
    for number, row in enumerate(rows, 1):
        colour = ACCENT if row.id == ranking.chosen else PLAIN if row.tied else MUTED
        lead = -row.behind.value
        errors = [[lead + row.behind.high], [-row.behind.low - lead]]
        label = f"{number}  {_name(row.id)}"
        axes.errorbar(row.milliseconds, lead, yerr=errors, fmt="o", color=colour, capsize=3, markersize=5, label=label)
        axes.annotate(
            str(number), (row.milliseconds, lead), xytext=(5, 3), textcoords="offset points", fontsize=9, color=colour
        )
    axes.axhline(0, color=MUTED, linewidth=0.8, linestyle=":")
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.xaxis.set_minor_formatter(lambda value, _: f"{value:g}" if f"{value:g}"[0] in "25" else "")
    axes.set_xlabel("milliseconds an item on this machine")
    axes.set_ylabel(f"{ranking.metric.replace('_', ' ')} against the best, with 95 % interval")
    axes.set_title(f"{ranking.data_name}: take {_name(ranking.chosen)}", loc="left", fontsize=11)
    legend = axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False, fontsize=8, handlelength=1)
    for text, row in zip(legend.get_texts(), rows, strict=True):
        text.set_color(ACCENT if row.id == ranking.chosen else "black" if row.tied else MUTED)
    save(figure, path)


def _name(model: str) -> str:
    return model.rstrip("/").rpartition("/")[2]
