"""`headstart demo`: the main job on real pictures, without the internet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Option

from headstart.cli.options import Common
from headstart.cli.output import show

if TYPE_CHECKING:
    from headstart.demonstration import Demonstration

# Three draws take about three fifths of the time of five, whose interval is the one in benchmarks/README.md.
MOST_DRAWS = 5


def demo(
    common: Common,
    output: Annotated[Path, Option("--output", "-o", help="A new folder for pictures and runs.")] = Path(
        "headstart-demo"
    ),
    seeds: Annotated[
        int, Option(min=1, max=MOST_DRAWS, help="Repeats, each with its own draw of training digits.")
    ] = 3,
    per_class: Annotated[int, Option(min=2, max=60, help="Labelled digits a class.")] = 5,
    task: Annotated[
        str | None, Option(help="object-detection or semantic-segmentation: on scenes of digits, one draw.")
    ] = None,
) -> None:
    """Fine-tune the bundled model on handwritten digits, against a probe and training from scratch."""
    from headstart.core.console import set_quiet
    from headstart.core.errors import RunError
    from headstart.demonstration import demonstrate

    if output.exists() and any(output.iterdir()):
        raise RunError(f"{output} is not empty; nothing was written.", hint="Remove it, or give a new folder with -o.")
    set_quiet(common.quiet)
    if task is not None:
        _scenes(common, output, task)
        return
    shown = demonstrate(output, seeds=seeds, per_class=per_class, device=common.device)
    gain, _ = shown.gain()
    answer = {
        "accuracy": {arm: list(values) for arm, values in shown.accuracies.items()},
        "seconds": shown.seconds,
        "gain": gain,
        "run": str(shown.run.folder),
    }
    show(answer, _text(shown), common=common)


def _text(shown: Demonstration) -> str:
    from headstart.demonstration import MEANING

    width = max(map(len, shown.accuracies))
    seeds = len(shown.accuracies["transfer"])
    many = seeds > 1
    lines = ["", f"{'':{width}}  accuracy{'  lowest to highest' if many else ''}  seconds a fit"]
    for arm, values in shown.accuracies.items():
        mean, low, high = (f"{100 * value:.1f} %" for value in (sum(values) / seeds, min(values), max(values)))
        span = f"  {f'{low} to {high}':>17}" if many else ""
        lines.append(f"{arm:{width}}  {mean:>8}{span}  {shown.seconds[arm]:13.1f}   {MEANING[arm]}")
    gain, half = shown.gain()
    labels = f"With {shown.per_class} labels a class"
    interval = f" (mean of {seeds} draws; 95 % interval {gain - half:.1f} to {gain + half:.1f})" if many else ""
    more = (
        [f"More draws, of which there can be {MOST_DRAWS}, say it more exactly: --seeds."] if seeds < MOST_DRAWS else []
    )
    lines += [
        "",
        f"{labels}, transfer gains {gain:.1f} points over training from scratch{interval}.",
        *more,
        f"Saved run: {shown.run.folder}",
    ]
    return "\n".join(lines)


def _scenes(common: Common, output: Path, task: str) -> None:
    from headstart.metrics.table import title_of
    from headstart.scene_demonstration import MEANING, demonstrate_scenes

    shown = demonstrate_scenes(output, task=task, device=common.device)
    gain = 100 * (shown.reached["transfer"] - shown.reached["from scratch"])
    answer = {
        shown.metric: shown.reached,
        "intervals": {arm: list(interval) for arm, interval in shown.intervals.items()},
        "seconds": shown.seconds,
        "gain": gain,
        "run": str(shown.run.folder),
    }
    title = title_of(shown.metric)
    width = max(map(len, shown.reached))
    lines = ["", f"{'':{width}}  {title:>10}  95 % interval  seconds a fit"]
    for arm, value in shown.reached.items():
        low, high = shown.intervals[arm]
        span = f"{100 * low:.1f} to {100 * high:.1f}"
        lines.append(
            f"{arm:{width}}  {f'{100 * value:.1f} %':>10}  {span:>13}  {shown.seconds[arm]:13.1f}   {MEANING[arm]}"
        )
    lines += [
        "",
        f"Transfer gains {gain:.1f} points of {title} over training from scratch in as many steps.",
        f"Saved run: {shown.run.folder}",
    ]
    show(answer, "\n".join(lines), common=common)
