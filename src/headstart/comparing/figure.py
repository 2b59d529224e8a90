"""A verdict as a picture: what each arm reached, with its interval, and how accuracy grows with the labels."""

from __future__ import annotations

import io
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from headstart.comparing.evidence import band_of
from headstart.core.files import write_atomically
from headstart.core.gain import LearningCurve
from headstart.core.verdict import ArmResult, Verdict

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = {"transfer": "#0b6e4f", "from nothing": "#c1440e", "other": "#3d6fb4"}
"""Apart from each other for the colour-blind, too, and in print."""
INK, FAINT = "#222222", "#dddddd"
DOTS_PER_INCH, POINTS = 150, 24


def draw(verdict: Verdict, path: Path) -> None:
    """Write the figure as PNG. Raises `RunError` where it cannot be written."""
    from matplotlib.figure import Figure

    curves = [arm for arm in verdict.arms if arm.curve is not None]
    height = 2.6 + 0.45 * len(verdict.arms)
    figure = Figure(figsize=(10.5 if curves else 7.5, max(height, 4.2 if curves else 0)), layout="constrained")
    axes = figure.subplots(1, 2 if curves else 1, squeeze=False)[0]
    title = textwrap.fill(verdict.sentence, 125 if curves else 88)
    figure.suptitle(title, x=0.01, ha="left", fontsize=10.5, color=INK)
    _arms(axes[0], verdict)
    if curves:
        _curves(axes[1], verdict, curves)
    for each in axes:
        each.spines[["top", "right"]].set_visible(False)
        each.tick_params(colors=INK, labelsize=9)
    image = io.BytesIO()
    figure.savefig(image, format="png", dpi=DOTS_PER_INCH)
    write_atomically(path, image.getvalue())


def _arms(axes: Axes, verdict: Verdict) -> None:
    """A line for each arm, its interval, its mean, and a dot for each repeat; the first arm on top."""
    for place, arm in enumerate(reversed(verdict.arms)):
        colour = COLOURS[arm.role]
        low, high, mean = 100 * arm.low, 100 * arm.high, 100 * arm.mean
        axes.plot([low, high], [place, place], color=colour, linewidth=7, alpha=0.3, solid_capstyle="butt")
        axes.plot([100 * value for value in arm.values], [place] * len(arm.values), "|", color=colour, markersize=9)
        axes.plot(mean, place, "o", color=colour, markersize=7)
        axes.annotate(f"{mean:.1f}", (mean, place), (0, 9), textcoords="offset points", ha="center", fontsize=9)
    axes.set_yticks(range(len(verdict.arms)), [_label(arm) for arm in reversed(verdict.arms)])
    axes.set_ylim(-0.6, len(verdict.arms) - 0.2)
    axes.set_xlabel(_unit(verdict))
    axes.grid(axis="x", color=FAINT, linewidth=0.7)
    axes.set_axisbelow(True)
    repeats = f"{verdict.repeats} repeats of each arm, {verdict.labels:,} labels"
    axes.set_title(f"{repeats}; bars are 95 % intervals", fontsize=9, loc="left", color=INK)


def _curves(axes: Axes, verdict: Verdict, arms: list[ArmResult]) -> None:
    """Points with the spread of their repeats, the curve through them with its band, and on to twice the labels."""
    for arm in arms:
        assert arm.curve is not None
        colour = COLOURS[arm.role]
        labels = np.array([point.labels for point in arm.curve.points])
        means = np.array([np.mean(point.values) for point in arm.curve.points])
        axes.plot(labels, 100 * means, "o", color=colour, markersize=6)
        grid = np.geomspace(labels.min(), 2 * labels.max(), POINTS)
        middle, low, high = _along(arm.curve, grid)
        axes.plot(grid, middle, color=colour, linewidth=1.6)
        axes.annotate(
            arm.name, (grid[-1], middle[-1]), (0, 7), textcoords="offset points", ha="right", fontsize=9, color=colour
        )
        axes.fill_between(grid, low, high, color=colour, alpha=0.15, linewidth=0)
    axes.axvline(verdict.labels, color=INK, linewidth=0.8, linestyle=":")
    axes.annotate(
        "all labels",
        (verdict.labels, 0),
        (-4, 4),
        xycoords=("data", "axes fraction"),
        textcoords="offset points",
        fontsize=8,
        ha="right",
        color=INK,
    )
    axes.set_xscale("log")
    ticks = sorted({point.labels for arm in arms if arm.curve for point in arm.curve.points} | {2 * verdict.labels})
    axes.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
    axes.minorticks_off()
    axes.set_xlabel("labelled " + verdict.noun)
    axes.set_ylabel(_unit(verdict))
    axes.grid(color=FAINT, linewidth=0.7)
    axes.set_axisbelow(True)
    axes.margins(y=0.12)
    axes.set_title("Learning curve, fitted, with its 95 % band", fontsize=9, loc="left", color=INK)


def _along(curve: LearningCurve, labels: np.ndarray) -> tuple[list[float], list[float], list[float]]:
    bands = [band_of(curve, labels=float(count)) for count in labels]
    return (
        [100 * band.estimate for band in bands],
        [100 * band.low for band in bands],
        [100 * band.high for band in bands],
    )


def _label(arm: ArmResult) -> str:
    return "\n".join(textwrap.wrap(arm.name, 22))


def _unit(verdict: Verdict) -> str:
    of = f"right answers in 100 held-out {verdict.noun}"
    return of if verdict.metric == "accuracy" else f"{verdict.metric} of held-out {verdict.noun}, in %"
