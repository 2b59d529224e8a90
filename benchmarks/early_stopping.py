"""What clipped gradients and no early stopping bring where validation items are few.

`python -m benchmarks.early_stopping` measures the cells that are not in `results/early_stopping.json` yet and prints
the table; `--table` only prints it. Data and candidates are those of `benchmarks.model_selection`, at 64 pixels.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from typing import Any

from benchmarks.cells import Cells
from benchmarks.harness import RESULTS, machine
from benchmarks.model_selection import DATA, SIDE
from benchmarks.selection_sources import located

CELLS = Cells(RESULTS / "early_stopping.json")
SETS = ("cifar10-5", "mnist-10", "usps-10")
MODELS = ("mobilenet_v1_0.75_224.imagenet", "mobilenetv2_100.imagenet", "mobilenet_v1_0.25_128.imagenet")
SEEDS = (10, 11)
VARIANTS: dict[str, tuple[str, bool, bool]] = {
    "lp-ft, best epoch": ("lp-ft", False, True),
    "lp-ft, best epoch, clipped": ("lp-ft", True, True),
    "lp-ft, whole schedule, clipped": ("lp-ft", True, False),
    "full, best epoch": ("full", False, True),
    "full, whole schedule": ("full", False, False),
}
"""The strategy, whether gradients are clipped at a norm of 1, and whether the best epoch is kept."""
UNCLIPPED = 1e9


def measured(data: str, model: str, seed: int, variant: str) -> dict[str, Any]:
    """Accuracy and log loss on the test part."""
    from headstart.core.options import FitOptions, StrategyOptions
    from headstart.execution import execute
    from headstart.loading import load_data, split
    from headstart.planning import plan

    strategy, clipped, stopping = VARIANTS[variant]
    settings = StrategyOptions(clip_norm=1.0 if clipped else UNCLIPPED, early_stopping=stopping)
    with tempfile.TemporaryDirectory() as cache:
        os.environ["HEADSTART_CACHE"] = cache
        options = FitOptions(model=located(model), strategy=strategy, seed=seed, image_size=SIDE, settings=settings)
        dataset = split(load_data(DATA[data].folder()), options)
        outcome = execute(plan(dataset, options), dataset)
    assert outcome.record.test is not None
    found = {name: outcome.record.test.metrics[name] for name in ("accuracy", "log_loss")}
    return {**found, "items": outcome.record.items, "machine": machine()}


def table() -> str:
    """A row a data set: means over networks and seeds that all variants have, accuracy in % and log loss."""
    cells = CELLS.read()
    lines = [f"| data | trainings | {' | '.join(VARIANTS)} |", "|---|---|" + "---|" * len(VARIANTS)]
    for data in SETS:
        rows = [
            [cells.get(_name(data, model, seed, variant)) for variant in VARIANTS] for model in MODELS for seed in SEEDS
        ]
        whole = [[cell for cell in row if cell is not None] for row in rows if None not in row]
        if whole:
            means = [
                f"{100 * statistics.mean(cell['accuracy'] for cell in column):.1f} "
                f"({statistics.mean(cell['log_loss'] for cell in column):.2f})"
                for column in zip(*whole, strict=True)
            ]
            lines.append(f"| {data} | {len(whole)} | {' | '.join(means)} |")
    return "\n".join(lines)


def _name(data: str, model: str, seed: int, variant: str) -> str:
    return f"{data}, {model}, seed {seed}, {variant}"


def main() -> None:
    """Measure what is missing, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.early_stopping", description=__doc__)
    parser.add_argument("--table", action="store_true", help="only print the table")
    asked = parser.parse_args()
    for data in () if asked.table else SETS:
        for model in MODELS:
            for seed in SEEDS:
                for variant in VARIANTS:
                    name = _name(data, model, seed, variant)
                    if name not in CELLS.read():
                        CELLS.add(name, measured(data, model, seed, variant))
                        print(name, f"{100 * CELLS.read()[name]['accuracy']:.1f} %", flush=True)
    print(table())


if __name__ == "__main__":
    main()
