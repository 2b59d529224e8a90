"""A ranking as plain text for people: the choice, the table, what could not be ranked, and how it was decided."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable, Mapping
from textwrap import fill
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headstart.core.ranking import RankedModel, Ranking

MOST_ROWS = 30
FOLDERS = ("/", "./", "../", "~", "\\")


def ranking_text(ranking: Ranking, *, width: int | None = None) -> str:
    """Text at most `width` columns wide, by default that of the terminal (80 where there is none)."""
    columns = width or min(max(shutil.get_terminal_size((80, 24)).columns, 72), 140)
    names = short_names([*ranking.order, *(each.id for each in ranking.skipped)])
    lines = [sentence(ranking, names), _shortened(ranking.small, names)]
    blocks = [
        "\n".join(fill(line, columns) for line in lines if line),
        _table(ranking, names, columns),
        _skipped(ranking, names, columns),
        _reasons(ranking, names, columns),
    ]
    return "\n\n".join(block for block in blocks if block)


def short_names(models: Iterable[str]) -> dict[str, str]:
    """The last part of the id of a model in a folder, where no other ends so; any other id as it is."""
    ends = {model: model.rstrip("/").rpartition("/")[2] for model in models}
    counts = Counter(ends.values())
    return {model: end if model.startswith(FOLDERS) and counts[end] == 1 else model for model, end in ends.items()}


def sentence(ranking: Ranking, names: Mapping[str, str]) -> str:
    """What to take, and how sure that is."""
    chosen = names[ranking.chosen]
    others = [names[model] for model in ranking.tied if model != ranking.chosen]
    if len(ranking.rows) == 1:
        return f"Take {chosen}: it is the only candidate that could be ranked."
    if not others:
        return f"Take {chosen}: it is ahead of all others."
    named = ", ".join(others[:3]) + (f" and {len(others) - 3} more" if len(others) > 3 else "")
    verb = "is" if len(others) == 1 else "are"
    return (
        f"Take {chosen}: the best choice by all that was measured. {named} {verb} too close to be told from the best."
    )


def _shortened(text: str, names: Mapping[str, str]) -> str:
    for model in sorted(names, key=len, reverse=True):
        text = text.replace(model, names[model])
    return text


def _table(ranking: Ranking, names: Mapping[str, str], width: int) -> str:
    from headstart.cli.evaluation_text import plain_table, printable, table_text

    trained = any(row.trials for row in ranking.rows)
    header = ["", "behind", "95 % interval", "probe", *(["trained"] if trained else []), "weights", "ms", "model"]
    rows = [
        [
            "=" if row.tied else "",
            f"{row.behind.value:.3f}",
            _bounds(row),
            f"{row.probe.value:.3f}",
            *([_trained(row)] if trained else []),
            "" if row.parameters is None else f"{row.parameters / 1e6:.1f} M",
            f"{row.milliseconds:.1f}",
            printable(names[row.id]),
        ]
        for row in ranking.rows[:MOST_ROWS]
    ]
    table = plain_table(header, rows)
    models = table.columns[-1]
    models.justify, models.no_wrap, models.overflow = "left", False, "fold"
    metric = ranking.metric.replace("_", " ")
    foot = f"behind: how far in {metric} a model probably is behind the best. =: cannot be told from the best."
    more = [f"... and {len(ranking.rows) - MOST_ROWS} more: see --json."] if len(ranking.rows) > MOST_ROWS else []
    return "\n".join([table_text(table, width), *more, fill(foot, width)])


def _bounds(row: RankedModel) -> str:
    low, high = row.behind.low, row.behind.high
    return "" if low == high else f"{low:.3f}..{high:.3f}"


def _trained(row: RankedModel) -> str:
    """The mean over folds of the last training on each."""
    last = {trial.fold: max(trial.score, trial.probe) for trial in row.trials}
    return f"{sum(last.values()) / len(last):.3f}" if last else ""


def _skipped(ranking: Ranking, names: Mapping[str, str], width: int) -> str:
    if not ranking.skipped:
        return ""
    lines = [
        fill(f"  {names[each.id]}: {each.why}", width, subsequent_indent="    ") for each in ranking.skipped[:MOST_ROWS]
    ]
    if len(ranking.skipped) > MOST_ROWS:
        lines.append(f"  ... and {len(ranking.skipped) - MOST_ROWS} more: see --json.")
    return "\n".join([f"Not ranked ({len(ranking.skipped)}):", *lines])


def _reasons(ranking: Ranking, names: Mapping[str, str], width: int) -> str:
    told = [_shortened(f"{reason.choice}: {reason.value} ({reason.why})", names) for reason in ranking.reasons]
    lines = [fill(line, width, subsequent_indent="  ") for line in told]
    seconds = f"{ranking.seconds.get('total', 0):.0f} s in all"
    if ranking.exhaustive:
        seconds += f"; fine-tuning every candidate once would take about {ranking.exhaustive:.0f} s"
    return "\n".join([*lines, f"{seconds}."])
