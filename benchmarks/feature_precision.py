"""The linear probe on features in float32 and in bfloat16: accuracy on the test part, the same items and seeds.

`python -m benchmarks.feature_precision` measures the cells that are not in `results/feature_precision.json` yet, on a
processor that computes in bfloat16, and prints the table; `--table` only prints it.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from typing import Any

import numpy as np

from benchmarks.auto_accuracy import DATA
from benchmarks.cells import Cells
from benchmarks.harness import RESULTS, machine, needs_shared

CELLS = Cells(RESULTS / "feature_precision.json")
MODELS = ("mobilenetv2_100.imagenet", "mobilenet_v1_0.75_224.imagenet", "squeezenet1_1.imagenet")
PRECISIONS = ("float32", "bfloat16")


def measured(model: str, data: str, seed: int) -> dict[str, Any]:
    """Accuracies, and how many test items are right in one of the two only."""
    from headstart.core.dataset import Part
    from headstart.core.options import FitOptions
    from headstart.execution import execute
    from headstart.loading import load_data, split
    from headstart.planning import plan

    right, losses = [], []
    for precision in PRECISIONS:
        with tempfile.TemporaryDirectory() as cache:
            os.environ["HEADSTART_CACHE"] = cache
            folder = str(needs_shared("models", model))
            options = FitOptions(model=folder, strategy="linear-probe", seed=seed, precision=precision)
            dataset = split(load_data(DATA[data](seed)), options)
            outcome = execute(plan(dataset, options), dataset)
            assert outcome.record.test is not None
            right.append(outcome.held_out.argmax(1) == dataset.part(Part.TEST).targets)
            losses.append(round(outcome.record.test.metrics["log_loss"], 3))
    return {
        "accuracy": [round(float(each.mean()), 4) for each in right],
        "log_loss": losses,
        "only_right": [int((right[0] & ~right[1]).sum()), int((right[1] & ~right[0]).sum())],
        "machine": machine(),
    }


def table() -> str:
    """A row a cell, and the mean of the differences with its 95 % interval over cells."""
    cells = CELLS.read()
    lines = ["| model, data, seed | float32 | bfloat16 | right in one only | log loss |", "|---|---|---|---|---|"]
    for name, cell in cells.items():
        first, second = (f"{100 * value:.1f} %" for value in cell["accuracy"])
        only, losses = (" / ".join(map(str, cell[key])) for key in ("only_right", "log_loss"))
        lines.append(f"| {name} | {first} | {second} | {only} | {losses} |")
    gains = np.array([100 * (cell["accuracy"][1] - cell["accuracy"][0]) for cell in cells.values()])
    half = 1.96 * gains.std(ddof=1) / np.sqrt(len(gains)) if len(gains) > 1 else float("nan")
    return "\n".join([*lines, f"| mean difference | | {gains.mean():+.1f} ± {half:.1f} points | | |"])


def main() -> None:
    """Measure what is missing, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.feature_precision", description=__doc__)
    parser.add_argument("--table", action="store_true", help="only print the table")
    wanted = [(m, d, s) for s in (0, 1, 2) for m in MODELS for d in DATA if not (s and d == "flowers5")]
    for cell in () if parser.parse_args().table else wanted:
        name = ", ".join(map(str, cell))
        if name not in CELLS.read():
            CELLS.add(name, measured(*cell))
    print(table())


if __name__ == "__main__":
    main()
