"""`headstart demo`: the main job on real pictures, without the internet."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Option

from headstart.cli.options import Common
from headstart.cli.output import show


def demo(
    common: Common,
    output: Annotated[Path, Option("--output", "-o", help="A new folder for pictures and runs.")] = Path(
        "headstart-demo"
    ),
    seeds: Annotated[int, Option(min=1, max=5, help="Repeats, each with its own draw of training digits.")] = 5,
    per_class: Annotated[int, Option(min=2, max=60, help="Labelled digits a class.")] = 5,
) -> None:
    """Fine-tune the bundled model on handwritten digits, against a probe and training from scratch."""
    from headstart.core.console import set_quiet
    from headstart.core.errors import RunError
    from headstart.demonstration import demonstrate

    if output.exists() and any(output.iterdir()):
        raise RunError(f"{output} is not empty; nothing was written.", hint="Remove it, or give a new folder with -o.")
    set_quiet(common.quiet)
    shown = demonstrate(output, seeds=seeds, per_class=per_class, device=common.device)
    gain, half = shown.gain()
    width = max(map(len, shown.accuracies))
    lines = [f"{'':{width}}  accuracy on 1,000 test digits (mean and range of {seeds} seeds)  seconds"]
    for arm, values in shown.accuracies.items():
        mean, low, high = (100 * value for value in (sum(values) / len(values), min(values), max(values)))
        lines.append(
            f"{arm:{width}}  {mean:5.1f} %  ({low:.1f} to {high:.1f})".ljust(width + 64) + f"{shown.seconds[arm]:8.1f}"
        )
    interval = f", 95 % interval {gain - half:.1f} to {gain + half:.1f}" if seeds > 1 else ""
    lines += [
        "",
        f"With {per_class} labels a class, transfer gains {gain:.1f} points over training from scratch{interval}.",
    ]
    lines += [f"Saved run: {shown.run.folder}"]
    answer = {
        "accuracy": {arm: list(values) for arm, values in shown.accuracies.items()},
        "seconds": shown.seconds,
        "gain": gain,
        "run": str(shown.run.folder),
    }
    show(answer, "\n".join(lines), common=common)
