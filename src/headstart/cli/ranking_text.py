"""A ranking as plain text for people: the choice, the table, what could not be ranked, and how it was decided."""

from __future__ import annotations

import shutil
from textwrap import fill
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headstart.core.ranking import RankedModel, Ranking

MOST_ROWS = 30


def ranking_text(ranking: Ranking, *, width: int | None = None) -> str:
    """Text at most `width` columns wide, by default that of the terminal (80 where there is none)."""
    columns = width or min(max(shutil.get_terminal_size((80, 24)).columns, 60), 140)
    lines = [sentence(ranking), ranking.small]
    blocks = [
        "\n".join(fill(line, columns) for line in lines if line),
        _table(ranking, columns),
        _skipped(ranking, columns),
        _reasons(ranking, columns),
    ]
    return "\n\n".join(block for block in blocks if block)


def sentence(ranking: Ranking) -> str:
    """What to take, and how sure that is."""
    others = [name for name in ranking.tied if name != ranking.chosen]
    if not others:
        return f"Take {ranking.chosen}: it is ahead of all others."
    named = ", ".join(others[:3]) + (f" and {len(others) - 3} more" if len(others) > 3 else "")
    return f"Take {ranking.chosen}: it cannot be told from {named}, and nothing of them that does as well is faster."


def _table(ranking: Ranking, width: int) -> str:
    from headstart.cli.evaluation_text import plain_table, printable, table_text

    trained = any(row.trials for row in ranking.rows)
    header = [
        "",
        "model",
        "behind",
        "95 % interval",
        "probe",
        *(["trained"] if trained else []),
        "place",
        "weights",
        "ms",
    ]
    rows = [
        [
            "=" if row.tied else "",
            printable(row.id),
            f"{row.behind.value:.3f}",
            "" if row.behind.high == row.behind.low else f"{row.behind.low:+.3f} to {row.behind.high:+.3f}",
            f"{row.probe.value:.3f}",
            *([_trained(row)] if trained else []),
            f"{row.place:.1f}",
            "" if row.parameters is None else f"{row.parameters / 1e6:.1f} M",
            "" if row.milliseconds is None else f"{row.milliseconds:.1f}",
        ]
        for row in ranking.rows[:MOST_ROWS]
    ]
    metric = ranking.metric.replace("_", " ")
    foot = f"behind: how far in {metric} a model probably is behind the best. =: cannot be told from the best."
    more = [f"... and {len(ranking.rows) - MOST_ROWS} more: see --json."] if len(ranking.rows) > MOST_ROWS else []
    return "\n".join([table_text(plain_table(header, rows, words=2), width), *more, fill(foot, width)])


def _trained(row: RankedModel) -> str:
    """The mean over folds of the last training on each."""
    last = {trial.fold: max(trial.score, trial.probe) for trial in row.trials}
    return f"{sum(last.values()) / len(last):.3f}" if last else ""


def _skipped(ranking: Ranking, width: int) -> str:
    if not ranking.skipped:
        return ""
    lines = [fill(f"  {each.id}: {each.why}", width, subsequent_indent="    ") for each in ranking.skipped[:MOST_ROWS]]
    if len(ranking.skipped) > MOST_ROWS:
        lines.append(f"  ... and {len(ranking.skipped) - MOST_ROWS} more: see --json.")
    return "\n".join([f"Not ranked ({len(ranking.skipped)}):", *lines])


def _reasons(ranking: Ranking, width: int) -> str:
    lines = [fill(f"{r.choice}: {r.value} ({r.why})", width, subsequent_indent="  ") for r in ranking.reasons]
    seconds = f"{ranking.seconds.get('total', 0):.0f} s in all"
    if ranking.exhaustive:
        seconds += f"; fine-tuning every candidate once would take about {ranking.exhaustive:.0f} s"
    return "\n".join([*lines, f"{seconds}."])
