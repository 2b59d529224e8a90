"""Which pretrained model, for real: what `rank` chooses against fine-tuning every candidate, data set by data set.

The truth is the accuracy of `fit --strategy lp-ft` of each candidate on test pictures that no ranking sees; `rank` has
other seeds. `python -m benchmarks.model_selection` measures the cells that are not in `results/model_selection.json`
yet, writes each there at once, and prints the tables; `--table` only prints them.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import selection_report
from benchmarks.cells import Cells
from benchmarks.draws import drawn_folder
from benchmarks.harness import RESULTS, WORK, machine, needs_shared
from benchmarks.selection_sources import CANDIDATES, LADDER, located
from headstart.core.strategy import Plan

CELLS = Cells(RESULTS / "model_selection.json")
RANKING_SEED = 100
"""The seeds that choose are not those that score."""


def photos(name: str, *, per_class: int, held_out: str = "test") -> Path:
    """The first training photos of each class, and all that are held out."""
    whole, folder = needs_shared("data", name), WORK / "draws" / f"{name}-{per_class}"
    if not folder.exists():
        new = folder.with_suffix(".new")
        shutil.copytree(whole / held_out, new / "test", dirs_exist_ok=True)
        for label in sorted((whole / "train").iterdir()):
            for file in sorted(label.iterdir())[:per_class]:
                target = new / "train" / label.name / file.name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(file, target)
        new.rename(folder)
    return folder


@dataclass(frozen=True)
class Data:
    """A data set: how its folder is made, which candidates it is for, and whether they are ranked."""

    folder: Callable[[], Path]
    candidates: tuple[str, ...] = CANDIDATES
    ranked: bool = True


SIDE = 64
"""Pixels a side for all candidates and data sets, that of the bundled network: the grid is paid for on two cores."""
DATA = {
    "usps-10": Data(lambda: drawn_folder("usps", per_class=10, seed=0)),
    "cifar10-20": Data(lambda: drawn_folder("cifar10", per_class=20, seed=0)),
    "flowers5-20": Data(lambda: photos("flowers5", per_class=20)),
    "hymenoptera-40": Data(lambda: photos("hymenoptera", per_class=40, held_out="val")),
    "mnist-10": Data(lambda: drawn_folder("mnist", per_class=10, seed=0)),
    "cifar10-5": Data(lambda: drawn_folder("cifar10", per_class=5, seed=0), LADDER, ranked=False),
    "cifar10-100": Data(lambda: drawn_folder("cifar10", per_class=100, seed=0)),
    "flowers5": Data(lambda: needs_shared("data", "flowers5")),
    "hymenoptera": Data(lambda: photos("hymenoptera", per_class=10_000, held_out="val")),
}


@dataclass(frozen=True)
class Cell:
    """One measurement: `what` is a strategy whose accuracy on the test part is wanted, or `rank`."""

    data: str
    what: str
    model: str = ""
    seed: int = 0

    @property
    def name(self) -> str:
        """Its name in the file of results."""
        return " ".join(map(str, filter(None, (self.data, self.what, self.model)))) + f" {self.seed}"


def cells(seeds: tuple[int, ...]) -> Iterator[Cell]:
    """All cells, in the order in which they are measured: complete data sets first, more seeds later."""
    for seed in seeds:
        for name, data in DATA.items():
            for model in LADDER if name.startswith("cifar10") and not seed else ():
                yield Cell(name, "linear-probe", model, seed)
            for model in data.candidates:
                yield Cell(name, "lp-ft", model, seed)
            if data.ranked and not seed:
                yield Cell(name, "rank", seed=RANKING_SEED)


def measure(cell: Cell) -> dict[str, Any]:
    """One cell, features computed anew. `processor` are its seconds of processor time: others use the machine, too."""
    folder = DATA[cell.data].folder()
    for name in CANDIDATES:
        located(name)
    with tempfile.TemporaryDirectory() as cache:
        os.environ["HEADSTART_CACHE"] = cache
        started, used = time.monotonic(), time.process_time()
        found = ranked(folder) if cell.what == "rank" else _fitted(cell, folder)
        return found | {
            "seconds": round(time.monotonic() - started, 1),
            "processor": round(time.process_time() - used, 1),
            "machine": machine(),
        }


def _fitted(cell: Cell, folder: Path) -> dict[str, Any]:
    from headstart.core.dataset import Part
    from headstart.core.options import FitOptions
    from headstart.execution import execute
    from headstart.loading import load_data, split
    from headstart.planning import plan

    options = FitOptions(model=located(cell.model), strategy=cell.what, seed=cell.seed, image_size=SIDE)
    dataset = split(load_data(folder), options)
    planned = plan(dataset, options)
    outcome = execute(planned, dataset)
    right = outcome.held_out.argmax(1) == dataset.part(Part.TEST).targets
    return {
        "accuracy": float(right.mean()),
        "right": digits_of(right),
        "items": outcome.record.items,
        "parameters": outcome.record.parameters,
        "best_epoch": outcome.record.best_epoch,
        "recipe": recipe_of(planned),
    }


def recipe_of(plan: Plan) -> str:
    """A fingerprint of how a network is trained and its pictures are prepared: cells of one recipe can be compared."""
    told = plan.strategy.model_dump_json() + plan.input.model_dump_json()
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def ranked(folder: Path, **settings: Any) -> dict[str, Any]:
    """`rank` as it is; what it keeps to itself, scores item by item, is kept for the calibration of its spreads."""
    from headstart import ranking
    from headstart.core.options import FitOptions
    from headstart.core.ranking import RankOptions
    from headstart.loading import load_data, split
    from headstart.ranking_cache import kept_ranking

    races = []
    original = ranking.race

    def watched(*args: Any, **kwargs: Any) -> Any:
        races.append(original(*args, **kwargs))
        return races[-1]

    models = {located(name): name for name in CANDIDATES}
    options = RankOptions(models=tuple(models), image_size=SIDE, seed=RANKING_SEED, **settings)
    ranking.race = watched
    try:
        found = kept_ranking(split(load_data(folder), FitOptions()), options)
    finally:
        ranking.race = original
    race = races[-1]

    def named(text: str) -> str:
        for place, name in models.items():
            text = text.replace(place, name)
        return text

    order = [named(model.candidate.card.id) for model in race.scored]
    return {
        "chosen": named(found.chosen),
        "rows": {
            named(row.id): {
                "place": row.place,
                "prior": row.prior,
                "probe": row.probe.value,
                "scores": {name: score.value for name, score in row.scores.items()},
                "milliseconds": row.milliseconds,
                "parameters": row.parameters,
                "behind": [row.behind.value, row.behind.low, row.behind.high],
                "trials": [trial.to_json() for trial in row.trials],
            }
            for row in found.rows
        },
        "skipped": {named(one.id): one.why for one in found.skipped},
        "reasons": [named(f"{one.choice}: {one.value} ({one.why})") for one in found.reasons],
        "estimated_exhaustive": found.exhaustive,
        "phases": {name: round(value, 1) for name, value in found.seconds.items()},
        "folds": digits_of(race.laps.folds),
        "probes": {name: digits_of(model.right) for name, model in zip(order, race.scored, strict=True)},
        "laps": {
            str(fold): {
                order[place]: [share, [round(float(score), 4) for score in scores]]
                for place, (share, scores) in lap.items()
            }
            for fold, lap in race.laps.last.items()
        },
    }


def digits_of(values: Any) -> str:
    """Small whole numbers, one character each."""
    return "".join(map(str, np.asarray(values).astype(int)))


def main() -> None:
    """Measure what is missing."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.model_selection", description=__doc__)
    parser.add_argument("--table", action="store_true", help="only print the tables")
    parser.add_argument("--data", action="append", choices=[*DATA], help="only these")
    parser.add_argument("--model", action="append", choices=CANDIDATES, help="only these")
    parser.add_argument("--seeds", type=int, default=1, help="how many trainings a candidate (default: 1)")
    options = parser.parse_args()
    for cell in () if options.table else cells(tuple(range(options.seeds))):
        if cell.name in CELLS.read() or cell.data not in (options.data or DATA):
            continue
        if options.model and cell.model not in options.model:
            continue
        print(f"{cell.name}: measuring", flush=True)
        found = measure(cell)
        CELLS.add(cell.name, found)
        told = found.get("chosen") or f"{100 * found['accuracy']:.1f} %"
        print(f"{cell.name}: {told}, {found['processor']:.0f} s of processor, {found['seconds']:.0f} s", flush=True)
    from headstart.racing import AGREEMENT, SAME, TRIAL_SPREAD, UNSEEN_SPREAD

    now = selection_report.Constants(AGREEMENT, UNSEEN_SPREAD, TRIAL_SPREAD, SAME)

    kept = CELLS.read()
    measured = [name for name in DATA if any(key.startswith(f"{name} ") for key in kept)]
    if selection_report.outcomes(kept, measured):
        selection_report.write(selection_report.section(kept, measured, now))
    print(selection_report.ladder(kept, measured))


if __name__ == "__main__":
    main()
