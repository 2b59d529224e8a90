"""Every strategy on flowers5 and on usps with 20 pictures a class: accuracy, seconds, trained parameters, three seeds.

With the bundled network at its 64 pixels, which two cores fine-tune in seconds, and with MobileNetV2 at 224. `python -m
benchmarks.strategies` measures the cells that are not in `results/strategies.json` yet, one after the other, writes
each there at once, and prints the table; `--table` only prints it.
"""

from __future__ import annotations

import argparse
import itertools
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
MODELS: dict[str, Callable[[], str]] = {
    "tiny-resnet": lambda: "starter/tiny-resnet",
    "mobilenetv2": lambda: str(needs_shared("models", "mobilenetv2_100.imagenet")),
}
SEEDS = (0, 1, 2)
DATA: dict[str, Callable[[int], Path]] = {
    "flowers5": lambda _: needs_shared("data", "flowers5"),
    "usps-20": lambda seed: drawn_folder("usps", per_class=20, seed=seed),
}
NEVER_MIRRORED = {"usps-20"}
"""A mirrored digit is another thing."""


def key(model: str, data: str, strategy: str, seed: int) -> str:
    """The name of a cell."""
    return f"{model} {data} {strategy} {seed}"


def measure(model: str, data: str, strategy: str, seed: int) -> dict[str, Any]:
    """One fit with the strategy's own defaults, features computed anew; the test part is measured once, at the end."""
    from headstart.core.options import FitOptions
    from headstart.execution import execute
    from headstart.loading import load_data, split
    from headstart.planning import plan

    options = FitOptions(model=MODELS[model](), strategy=strategy, seed=seed)
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
    lines = [
        "| model | data | strategy | accuracy | seconds | trained parameters | seeds |",
        "|---|---|---|---|---|---|---|",
    ]
    for model, data, strategy in itertools.product(MODELS, DATA, strategies):
        found = [cells[name] for seed in SEEDS if (name := key(model, data, strategy, seed)) in cells]
        if not found:
            continue
        accuracies = [100 * cell["accuracy"] for cell in found]
        spread = f"{statistics.mean(accuracies):.1f} % ({min(accuracies):.1f} to {max(accuracies):.1f})"
        seconds = statistics.mean(cell["seconds"] for cell in found)
        parameters = max(cell["trained_parameters"] for cell in found)
        lines.append(f"| {model} | {data} | {strategy} | {spread} | {seconds:.0f} | {parameters:,} | {len(found)} |")
    return "\n".join(lines)


def main() -> None:
    """Measure what is missing, seed by seed, so that an interrupted run has compared all strategies on something."""
    from headstart.methods import METHODS

    parser = argparse.ArgumentParser(prog="python -m benchmarks.strategies", description=__doc__)
    parser.add_argument("--table", action="store_true", help="only print the table")
    parser.add_argument("--model", action="append", choices=[*MODELS], help="only these")
    parser.add_argument("--strategy", action="append", choices=METHODS.names(), help="only these")
    parser.add_argument("--data", action="append", choices=[*DATA], help="only these")
    parser.add_argument("--seed", action="append", type=int, choices=SEEDS, help="only these")
    options = parser.parse_args()
    wanted = [
        (model, data, strategy, seed)
        for model in options.model or MODELS
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
