"""What limits a choice among pretrained models by some hundred labelled items, however much time there is.

Two bounds: every candidate fine-tuned on all training items and judged on N labelled items that nobody has seen, which
is more than any method has; and every candidate trained by the whole recipe on one half and judged on the other, both
ways round, which is what can be had. `python -m benchmarks.selection_limits` measures the second, data set by data set,
into `results/selection_limits.json`, and writes both into the README; `--table` only writes. The fine-tuned candidates
are those of `benchmarks.model_selection`.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from benchmarks import model_selection
from benchmarks.cells import Cells
from benchmarks.harness import RESULTS, machine
from benchmarks.selection_report import Constants, Outcome, choice, digits, outcomes
from benchmarks.selection_sources import CANDIDATES, located

CELLS = Cells(RESULTS / "selection_limits.json")
DATA = ("usps-10", "cifar10-20", "flowers5-20", "hymenoptera-40", "mnist-10")
JUDGED = (100, 200, 400, 800)
DRAWS = 500
FINALISTS = (4, len(CANDIDATES))
README = Path(__file__).parent / "README.md"
SECOND = (
    "Second, what can be had: every candidate trained by the whole recipe on one half of the items and judged on the "
    "other, both ways round, and weighed against the average rank as `rank` does it. All candidates trained so cost as "
    "much as fine-tuning each once."
)
START, END = "<!-- selection limits: start -->", "<!-- selection limits: end -->"


def halves(data: str) -> dict[str, Any]:
    """All candidates by `rank`, whose trainings leave nobody out and are as long as the recipe."""
    from headstart import racing, ranking
    from headstart.metrics.laps import Laps

    enter = Laps.enter

    def all_go_on(laps: Laps, finished: Mapping[int, Any], *, share: float, fold: int) -> list[int]:
        enter(laps, finished, share=share, fold=fold)
        return list(finished)

    for name in CANDIDATES:
        located(name)
    with tempfile.TemporaryDirectory() as cache, ExitStack() as patches:
        os.environ["HEADSTART_CACHE"] = cache
        for place, name, value in (
            (ranking, "FINALISTS", len(CANDIDATES)),
            (ranking, "LEAST_JUDGED", 0),
            (racing, "LAPS", ((1.0, 0), (1.0, 1))),
            (racing, "decided", lambda *_, **__: ""),
            (Laps, "enter", all_go_on),
        ):
            patches.enter_context(patch.object(place, name, value))
        found = model_selection.ranked(model_selection.DATA[data].folder(), share=2.0)
    return found | {"machine": machine()}


def fresh_items(found: list[Outcome], cells: dict[str, Any]) -> str:
    """Mean regret of the candidate that is best on N test items by one seed, by the other seed's accuracy on all."""
    lines = [f"| judged on | {' | '.join(each.data for each in found)} | mean |", "|---|" + "---|" * (len(found) + 1)]
    for judged in JUDGED:
        row = [_fresh(each, cells, judged) for each in found]
        lines.append(f"| {judged} | {' | '.join(f'{value:.1f}' for value in row)} | **{statistics.mean(row):.2f}** |")
    return "\n".join(lines)


def _fresh(each: Outcome, cells: dict[str, Any], judged: int) -> float:
    right = [
        np.stack([digits(cells[f"{each.data} lp-ft {model} {seed}"]["right"]) for model in CANDIDATES])
        for seed in (0, 1)
    ]
    draw, regrets = np.random.default_rng(0), []
    for known, truth in (right, right[::-1]):
        reached = 100 * truth.mean(axis=1)
        for _ in range(DRAWS):
            items = draw.permutation(known.shape[1])[:judged]
            regrets.append(float(reached.max() - reached[int(known[:, items].mean(axis=1).argmax())]))
    return statistics.mean(regrets)


def by_halves(found: list[Outcome], constants: Constants) -> str:
    """What whole trainings on halves would have chosen, by themselves and together with ranks."""
    lines = [
        "| data | correlation with the truth: ranks | trainings | regret: ranks | ranks and 4 trained | ranks and all "
        "trained | all trained, no ranks |",
        "|---|---|---|---|---|---|---|",
    ]
    columns: list[list[float]] = []
    for each in found:
        names = list(each.ranking["rows"])
        truth = [each.truth[name] for name in names]
        places = [-each.ranking["rows"][name]["place"] for name in names]
        trained = {name: _trained(each, name) for name in names}
        row = [
            float(np.corrcoef(truth, places)[0, 1]),
            float(np.corrcoef(truth, list(trained.values()))[0, 1]),
            each.regret(choice(_only(each, 0), constants)),
            *(each.regret(choice(_only(each, count), constants)) for count in FINALISTS),
            each.regret(max(trained, key=lambda name: trained[name])),
        ]
        columns.append(row)
        lines.append(f"| {each.data} | {row[0]:.2f} | {row[1]:.2f} | {' | '.join(f'{v:.1f}' for v in row[2:])} |")
    means = [statistics.mean(column) for column in zip(*columns, strict=True)]
    shown = " | ".join(f"**{value:.2f}**" for value in means)
    return "\n".join([*lines, f"| mean | {shown} |"])


def _trained(each: Outcome, name: str) -> float:
    return float(np.concatenate([lap[name][1] for lap in each.ranking["laps"].values()]).mean())


def _only(each: Outcome, count: int) -> Outcome:
    """As if only the first so many by average rank had been trained."""
    rows = each.ranking["rows"]
    kept = sorted(rows, key=lambda name: rows[name]["place"])[:count]
    laps = {fold: {name: lap[name] for name in kept} for fold, lap in each.ranking["laps"].items()}
    return Outcome(each.data, each.truth, each.right, each.cost, each.ranking | {"laps": laps if count else {}})


def write(text: str) -> None:
    """Put the section between its markers."""
    head, _, rest = README.read_text(encoding="utf-8").partition(START)
    _, _, tail = rest.partition(END)
    README.write_text(f"{head}{START}\n{text}\n{END}{tail}", encoding="utf-8")


def main() -> None:
    """Measure what is missing, and write both tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.selection_limits", description=__doc__)
    parser.add_argument("--table", action="store_true", help="only write the tables")
    for data in () if parser.parse_args().table else DATA:
        if f"{data} rank-by-halves" not in CELLS.read():
            CELLS.add(f"{data} rank-by-halves", halves(data))
            print(f"{data}: measured", flush=True)
    from headstart.racing import AGREEMENT, SAME, TRIAL_SPREAD, UNSEEN_SPREAD

    truth = model_selection.CELLS.read()
    both = truth | {f"{name} ": cell for name, cell in CELLS.read().items()}
    found = outcomes(both, DATA, ranking="rank-by-halves")
    tables = fresh_items(found, truth), by_halves(found, Constants(AGREEMENT, UNSEEN_SPREAD, TRIAL_SPREAD, SAME))
    write("\n\n".join([tables[0], SECOND, tables[1]]))
    print(*tables, sep="\n\n")


if __name__ == "__main__":
    main()
