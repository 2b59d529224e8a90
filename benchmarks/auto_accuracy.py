"""What `auto` reaches on small data, against the probe and against full fine-tuning by hand, set by set.

flowers5, and cifar10 and usps with 20 pictures a class drawn by seed, MobileNetV2. `python -m benchmarks.auto_accuracy`
measures the cells that are not in `results/auto_accuracy.json` yet and prints the table; `--table` only prints it.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.cells import Cells, Found
from benchmarks.draws import drawn_folder
from benchmarks.harness import RESULTS, machine, needs_shared

CELLS = Cells(RESULTS / "auto_accuracy.json")
MODELS = {"mobilenetv2": "mobilenetv2_100.imagenet", "mobilenetv1-0.75": "mobilenet_v1_0.75_224.imagenet"}
SEEDS = (0, 1, 2)
DATA: dict[str, Callable[[int], Path]] = {
    "cifar10-20": lambda seed: drawn_folder("cifar10", per_class=20, seed=seed),
    "usps-20": lambda seed: drawn_folder("usps", per_class=20, seed=seed),
    "flowers5": lambda _: needs_shared("data", "flowers5"),
}
ARMS = ("auto", "linear-probe", "full")
NEVER_MIRRORED = {"usps-20"}
"""By hand, a person leaves the flips out where a mirrored digit is another thing; `auto` has to find that out."""


def measure(model: str, data: str, arm: str, seed: int) -> dict[str, Any]:
    """One fit, features computed anew; the test part is measured once, at the end.

    `full` is the recipe by hand: all training items, a fixed number of epochs, no early stopping.
    """
    from headstart.combining import combine
    from headstart.core.dataset import Part
    from headstart.core.options import FitOptions
    from headstart.execution import execute
    from headstart.loading import load_data, split
    from headstart.planning import plan

    folder = str(needs_shared("models", MODELS[model]))
    options = FitOptions(model=folder, strategy=arm, seed=seed, validation=0.0 if arm == "full" else 0.2)
    with tempfile.TemporaryDirectory() as cache:
        os.environ["HEADSTART_CACHE"] = cache
        dataset = split(load_data(DATA[data](seed)), options)
        planned = plan(dataset, options)
        if arm == "full":
            chosen = planned.strategy.model_copy(update={"flips": data not in NEVER_MIRRORED})
            planned = planned.model_copy(update={"strategy": chosen})
        outcome = (combine if planned.combination is not None else execute)(planned, dataset)
    record = outcome.record
    assert record.test is not None
    right = outcome.held_out.argmax(1) == dataset.part(Part.TEST).targets
    return {
        "accuracy": record.test.metrics["accuracy"],
        "log_loss": record.test.metrics["log_loss"],
        "seconds": round(record.seconds["total"], 1),
        "right": "".join(map(str, right.astype(int))),
        "views": {view.name: [round(view.score, 4), round(view.log_loss, 4), view.weight] for view in record.views},
        "mirrored": record.plan.mirrored,
        "reasons": [f"{one.choice}: {one.value}" for one in record.plan.reasons if one.choice != "model"],
        "notes": list(record.notes),
        "machine": machine(),
    }


def table(cells: Found) -> str:
    """Means over seeds, and the paired difference to the better of probe and full, with its 95 % interval."""
    lines = [
        "| model | data | seeds | auto | probe | full by hand | auto against the better | 95 % |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for model in MODELS:
        for data in DATA:
            seeds = [seed for seed in SEEDS if all(f"{model} {data} {arm} {seed}" in cells for arm in ARMS)]
            if seeds:
                lines.append(_row(cells, model, data, seeds))
    return "\n".join(lines)


def _row(cells: Found, model: str, data: str, seeds: list[int]) -> str:
    def of(arm: str) -> list[dict[str, Any]]:
        return [cells[f"{model} {data} {arm} {seed}"] for seed in seeds]

    means = {arm: 100 * statistics.mean(cell["accuracy"] for cell in of(arm)) for arm in ARMS}
    better = max(("linear-probe", "full"), key=means.__getitem__)
    pairs = zip(of("auto"), of(better), strict=True)
    # The test items are the same for every seed: an item's mean over the seeds is one observation.
    differences = np.mean([_right(ours) - _right(theirs) for ours, theirs in pairs], axis=0)
    half = 196 * differences.std(ddof=1) / np.sqrt(len(differences))
    gain = 100 * differences.mean()
    shown = " | ".join(f"{means[arm]:.1f} %" for arm in ARMS)
    interval = f"{gain - half:+.1f} to {gain + half:+.1f}"
    return f"| {model} | {data} | {len(seeds)} | {shown} | {gain:+.1f} ({better}) | {interval} |"


def _right(cell: dict[str, Any]) -> np.ndarray:
    return np.array([int(digit) for digit in cell["right"]])


def main() -> None:
    """Measure what is missing, seed by seed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.auto_accuracy", description=__doc__)
    parser.add_argument("--table", action="store_true", help="only print the table")
    for name, choices in (("model", [*MODELS]), ("data", [*DATA]), ("arm", list(ARMS))):
        parser.add_argument(f"--{name}", action="append", choices=choices, help="only these")
    parser.add_argument("--seed", action="append", type=int, choices=SEEDS, help="only these")
    options = parser.parse_args()
    wanted = [
        (model, data, arm, seed)
        for model in options.model or MODELS
        for seed in options.seed or SEEDS
        for data in options.data or DATA
        for arm in options.arm or ARMS
    ]
    for cell in [] if options.table else wanted:
        name = " ".join(map(str, cell))
        if name in CELLS.read():
            continue
        print(f"{name}: measuring", flush=True)
        found = measure(*cell)
        CELLS.add(name, found)
        print(f"{name}: {100 * found['accuracy']:.1f} %, {found['seconds']:.0f} s", flush=True)
    print(table(CELLS.read()))


if __name__ == "__main__":
    main()
