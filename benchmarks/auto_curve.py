"""Accuracy against time on small sets of pictures: `auto`, told how long it may take, beside fastai and AutoGluon.

The data and networks of `auto_accuracy`, the peers' cells of `peer_fastai` and `peer_autogluon`, in one file
(`results/peers.json`). `python -m benchmarks.auto_curve --data flowers5 --seconds 30 60 120` measures the cells of
`auto` that are not there yet and prints the table. Seconds are those of a warm process: importing is not in them, with
the peers neither; features are computed anew. `looking` are those of them that the test pictures took, which are in
the budget of `auto` and not in the peers' seconds.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.auto_accuracy import DATA, MODELS, SEEDS
from benchmarks.harness import machine, needs_shared
from benchmarks.peer_fastai import CELLS, table

SECONDS = (30.0, 60.0, 120.0)


def measured(model: str, data: str, seed: int, seconds: float) -> dict[str, Any]:
    """One fit that was told its seconds, and which test pictures its run is right on."""
    import headstart as hs

    options = hs.FitOptions(model=str(needs_shared("models", MODELS[model])), seed=seed, budget=seconds)
    with tempfile.TemporaryDirectory() as place:
        os.environ["HEADSTART_CACHE"] = str(Path(place, "cache"))
        started = time.perf_counter()
        run = hs.fit(DATA[data](seed), output=Path(place, "run"), options=options)
        spent = time.perf_counter() - started
    return {
        "accuracy": run.metrics["accuracy"],
        "seconds": round(spent, 1),
        "looking": round(run.record.seconds["evaluate"], 1),
        "budget": seconds,
        "views": {view.name: view.weight for view in run.record.views},
        "machine": machine(),
    }


def main() -> None:
    """Add the cells that are missing, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.auto_curve", description=__doc__)
    parser.add_argument("--model", choices=[*MODELS], default="mobilenetv2")
    parser.add_argument("--data", choices=[*DATA], nargs="+", default=[*DATA])
    parser.add_argument("--seed", type=int, choices=SEEDS, nargs="+", default=[0])
    parser.add_argument("--seconds", type=float, nargs="+", default=SECONDS)
    asked = parser.parse_args()
    for seed in asked.seed:
        for data in asked.data:
            for seconds in asked.seconds:
                name = f"auto {asked.model} {data} {seconds:g} s {seed}"
                if name not in CELLS.read():
                    CELLS.add(name, measured(asked.model, data, seed, seconds))
    print(table())


if __name__ == "__main__":
    main()
