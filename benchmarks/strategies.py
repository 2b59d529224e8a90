"""Every strategy on flowers5 and on usps with 20 pictures a class: accuracy, seconds, trained parameters, three seeds.

`python -m benchmarks.strategies` measures the cells that are not in `results/strategies.json` yet, one after the other,
writes each there at once, and prints the table; `--table` only prints it.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.cells import Cells, Found
from benchmarks.draws import drawn_folder
from benchmarks.harness import RESULTS, machine, needs_shared

CELLS = Cells(RESULTS / "strategies.json")
MODEL = "mobilenetv2_100.imagenet"
SEEDS = (0, 1, 2)
DATA: dict[str, Callable[[int], Path]] = {
    "flowers5": lambda _: needs_shared("data", "flowers5"),
    "usps-20": lambda seed: drawn_folder("usps", per_class=20, seed=seed),
}
NEVER_MIRRORED = {"usps-20"}
"""A mirrored digit is another thing."""


def key(data: str, strategy: str, seed: int) -> str:
    """The name of a cell."""
    return f"{data} {strategy} {seed}"


def measure(data: str, strategy: str, seed: int) -> dict[str, Any]:
    """One fit with the strategy's own defaults, features computed anew; the test part is measured once, at the end."""
    from headstart.core.options import FitOptions
    from headstart.execution import execute
    from headstart.loading import load_data, split
    from headstart.planning import plan

    options = FitOptions(model=str(needs_shared("models", MODEL)), strategy=strategy, seed=seed)
    with tempfile.TemporaryDirectory() as cache:
        os.environ["HEADSTART_CACHE"] = cache
        dataset = split(load_data(DATA[data](seed)), options)
        planned = plan(dataset, options)
        chosen = planned.strategy.model_copy(update={"flips": data not in NEVER_MIRRORED})
        record = execute(planned.model_copy(update={"strategy": chosen}), dataset).record
    assert record.test is not None
    return {
        "accuracy": record.test.metrics["accuracy"],
        "log_loss": record.test.metrics["log_loss"],
        "seconds": round(record.seconds["total"], 1),
        "trained_parameters": record.trained_parameters,
        "best_epoch": record.best_epoch,
        "notes": list(record.notes),
        "machine": machine(),
    }


def table(cells: Found, strategies: list[str]) -> str:
    """Means over the seeds that are measured; accuracies with their smallest and largest."""
    lines = ["| strategy | data | accuracy | seconds | trained parameters | seeds |", "|---|---|---|---|---|---|"]
    for strategy in strategies:
        for data in DATA:
            found = [cells[name] for seed in SEEDS if (name := key(data, strategy, seed)) in cells]
            if not found:
                continue
            accuracies = [100 * cell["accuracy"] for cell in found]
            spread = f"{statistics.mean(accuracies):.1f} % ({min(accuracies):.1f} to {max(accuracies):.1f})"
            seconds = statistics.mean(cell["seconds"] for cell in found)
            parameters = max(cell["trained_parameters"] for cell in found)
            lines.append(f"| {strategy} | {data} | {spread} | {seconds:.0f} | {parameters:,} | {len(found)} |")
    return "\n".join(lines)


def main() -> None:
    """Measure what is missing, seed by seed, so that an interrupted run has compared all strategies on something."""
    from headstart.methods import METHODS

    parser = argparse.ArgumentParser(prog="python -m benchmarks.strategies", description=__doc__)
    parser.add_argument("--table", action="store_true", help="only print the table")
    parser.add_argument("--strategy", action="append", choices=METHODS.names(), help="only these")
    parser.add_argument("--data", action="append", choices=[*DATA], help="only these")
    parser.add_argument("--seed", action="append", type=int, choices=SEEDS, help="only these")
    options = parser.parse_args()
    wanted = [
        (data, strategy, seed)
        for seed in options.seed or SEEDS
        for data in options.data or DATA
        for strategy in options.strategy or METHODS.names()
    ]
    for cell in [] if options.table else wanted:
        name = key(*cell)
        if name in CELLS.read():
            continue
        print(f"{name}: measuring", flush=True)
        found = measure(*cell)
        CELLS.add(name, found)
        print(f"{name}: {100 * found['accuracy']:.1f} %, {found['seconds']:.0f} s", flush=True)
    print(table(CELLS.read(), METHODS.names()))


if __name__ == "__main__":
    main()
