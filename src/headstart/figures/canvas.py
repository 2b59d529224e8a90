"""What all pictures have in common: colours that colour-blind people tell apart, a plain frame, no window."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from headstart.core.files import write_atomically

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ACCENT, PLAIN, MUTED = "#d55e00", "#0072b2", "#999999"
DOTS_PER_INCH = 150


def new_canvas(*, width: float, height: float) -> tuple[Figure, Axes]:
    """A figure of so many inches with one pair of axes; nothing is registered with a window system."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.25, linewidth=0.6)
    return figure, axes


def save(figure: Figure, path: Path) -> None:
    """Write a PNG at once or not at all. Raises `RunError` where it cannot be written."""
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=DOTS_PER_INCH)
    write_atomically(path, picture.getvalue())
