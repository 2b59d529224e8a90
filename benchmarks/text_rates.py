"""The rate of `full` on thousands of texts: some of the training file are learnt from, others measured on.

SST-2, TREC-6 and ChnSentiCorp, three quarters of the training file by seed; test files take no part. `python -m
benchmarks.text_rates --data sst2 --rate 2e-4` measures a cell that is not in `results/text_rates.json` yet; without
arguments it only prints the table. Epochs, batches and layer decay are the strategy's own, the head has ten times the
body's rate. With `wnut17` the validation part is what is measured, by entity F1, after three epochs.
"""

from __future__ import annotations

import argparse
import csv
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.cells import Cells
from benchmarks.harness import RESULTS, machine, needs_shared

CELLS = Cells(RESULTS / "text_rates.json")
MODELS = dict.fromkeys(("sst2", "trec6", "wnut17"), "starter/minilm-l6") | {"chnsenticorp_zh": "starter/zh-char"}
WORDS = {"wnut17"}
PART = 0.75


def parts(data: str, seed: int, folder: Path) -> Path:
    """A folder with texts to learn from and, as its test part, others of the same file."""
    with (needs_shared("data", data) / "train.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    order = np.random.default_rng(seed).permutation(len(rows))
    cut = int(PART * len(rows))
    for name, chosen in (("train", order[:cut]), ("test", order[cut:])):
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, ["text", "label"], extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows[row] for row in chosen)
    return folder


def measured(data: str, rate: float, seed: int) -> dict[str, Any]:
    """One fit at this rate."""
    import headstart as hs

    of_words = data in WORDS
    rates = {"learning_rate": 10 * rate, "backbone_learning_rate": rate}
    settings = hs.StrategyOptions(**rates, epochs=3) if of_words else hs.StrategyOptions(**rates)
    options = hs.FitOptions(model=MODELS[data], strategy="full", seed=seed, settings=settings)
    with tempfile.TemporaryDirectory() as place:
        os.environ["HEADSTART_CACHE"] = str(Path(place) / "cache")
        source = needs_shared("data", data) if of_words else parts(data, seed, Path(place))
        worked = time.process_time()
        record = hs.fit(source, output=Path(place) / "run", options=options).record
    estimate = record.validation if of_words else record.test
    assert estimate is not None
    return {
        **{name: estimate.metrics[name] for name in ("accuracy", "log_loss", "entity_f1") if name in estimate.metrics},
        "epochs": record.plan.strategy.epochs,
        "processor_seconds": round(time.process_time() - worked, 1),
        "machine": machine(),
    }


def table() -> str:
    """A line a cell."""
    lines = ["| data | rate | seed | accuracy or entity F1 | log loss |", "|---|---|---|---|---|"]
    for name, cell in sorted(CELLS.read().items()):
        data, rate, seed = name.split()
        loss = f"{cell['log_loss']:.3f}" if "log_loss" in cell else ""
        lines.append(
            f"| {data} | {rate} | {seed} | {100 * cell.get('accuracy', cell.get('entity_f1')):.1f} % | {loss} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure the cell that is asked for, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.text_rates", description=__doc__)
    parser.add_argument("--data", choices=[*MODELS])
    parser.add_argument("--rate", type=float, nargs="+", default=[])
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    for rate in asked.rate if asked.data else []:
        name = f"{asked.data} {rate:g} {asked.seed}"
        if name not in CELLS.read():
            CELLS.add(name, measured(asked.data, rate, asked.seed))
    print(table())


if __name__ == "__main__":
    main()
