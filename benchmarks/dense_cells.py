"""What the benchmarks of boxes and of masks have in common: fits of some minutes, cell by cell, and a table of them."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.cells import Cells
from benchmarks.harness import machine

if TYPE_CHECKING:
    from headstart.core.options import FitOptions
    from headstart.core.run_record import RunRecord

PRECISIONS = ("auto", "float32", "bfloat16")


@dataclass(frozen=True)
class Dense:
    """One benchmark: its cells, its arms with those measured unasked, and its two metrics with their titles."""

    program: str
    cells: Cells
    arms: Sequence[str]
    usual: Sequence[str]
    metrics: dict[str, str]
    measured: Callable[..., dict[str, Any]]

    def table(self) -> str:
        """A line a cell, and the gain over scratch where both are there."""
        found = self.cells.read()
        (first, title), (second, other_title) = self.metrics.items()
        lines = [
            f"| arm | {title} on test | 95 % interval | {other_title} | steps | input |",
            "|---|---|---|---|---|---|",
        ]
        trained = {name: cell for name, cell in found.items() if first in cell}
        for name, cell in trained.items():
            low, high = cell["interval"]
            size = " x ".join(map(str, cell["input"][::-1]))
            numbers = f"{cell[first]:.3f} | {low:.3f} to {high:.3f} | {cell[second]:.3f}"
            lines.append(f"| {name} | {numbers} | {cell['steps']} | {size} |")
        for name, cell in trained.items():
            scratch = trained.get(name.replace("transfer", "scratch", 1))
            if name.startswith("transfer") and scratch is not None:
                gain = 100 * (cell[first] - scratch[first])
                lines.append(f"\n{name}: {gain:+.1f} points of {title} over scratch.")
        lines += [f"\n{name}: {cell['sentence']}" for name, cell in found.items() if "sentence" in cell]
        return "\n".join(lines)

    def run(self, description: str | None) -> None:
        """Measure what is missing, and print the table."""
        parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{self.program}", description=description)
        parser.add_argument("--table", action="store_true", help="only print the table")
        parser.add_argument("--arm", choices=self.arms, action="append", help="only this arm; may be given again")
        parser.add_argument("--minutes", type=float, nargs="+", default=[30.0], help="minutes of a fit")
        parser.add_argument("--seeds", type=int, nargs="+", default=[0])
        parser.add_argument("--size", type=int, help="longer side of the input; the plan's own if not given")
        parser.add_argument("--precision", choices=PRECISIONS, default="auto")
        asked = parser.parse_args()
        for minutes in () if asked.table else asked.minutes:
            for seed in asked.seeds:
                for arm in asked.arm or self.usual:
                    name = name_of(arm, minutes, seed, asked.size, asked.precision)
                    if name not in self.cells.read():
                        settings = {"size": asked.size, "precision": asked.precision}
                        self.cells.add(name, self.measured(arm, minutes=minutes, seed=seed, **settings))
                        print(self.table(), flush=True)
        print(self.table())


def name_of(arm: str, minutes: float, seed: int, size: int | None, precision: str = "auto") -> str:
    """How a cell is called."""
    further = (f", {size} pixels" if size else "") + (f", {precision}" if precision != "auto" else "")
    return f"{arm}, {minutes:g} minutes, seed {seed}{further}"


def fitted(source: Path, options: FitOptions, *, ignored: Sequence[int] = ()) -> tuple[RunRecord, dict[str, Any]]:
    """Fit, and evaluate what was saved in another process; returns the record, and what every cell says.

    `loaded_differs_by` is the largest difference of any metric on the test part, as a number: zero is wanted. `ignored`
    are values of masks that are no class.
    """
    import headstart as hs

    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "run"
        data = hs.load_data(source, options=hs.ReadOptions(ignore_index=tuple(ignored)))
        started = time.perf_counter()
        run = hs.fit(data, output=folder, options=options)
        elapsed = time.perf_counter() - started
        again = evaluated_elsewhere(folder, source, ignored=ignored)
    record, plan = run.record, run.record.plan
    assert record.test is not None
    if again.keys() != record.test.metrics.keys():
        raise SystemExit(f"Once loaded the metrics are {sorted(again)}, of the training {sorted(record.test.metrics)}.")
    steps, batch = plan.strategy.steps or 0, plan.strategy.batch_size or 0
    return record, {
        "loaded_differs_by": max(abs(again[name] - value) for name, value in record.test.metrics.items()),
        "steps": plan.strategy.steps,
        "batch": plan.strategy.batch_size,
        "input": list(plan.input.size) if hasattr(plan.input, "size") else [],
        "pictures_per_second": round(steps * batch / elapsed, 2),
        "seconds": round(elapsed, 1),
        "precision": record.environment["precision"],
        "notes": list(record.notes),
        "machine": machine(),
    }


def evaluated_elsewhere(folder: Path, source: Path, *, ignored: Sequence[int] = ()) -> dict[str, float]:
    """The metrics of a saved run on the held-out part, by `headstart evaluate` in a process of its own."""
    written = folder.parent / "again.json"
    reading = [text for value in ignored for text in ("--ignore-index", str(value))]
    command = ("evaluate", str(folder), str(source), *reading, "--quiet", "-o", str(written))
    subprocess.run([sys.executable, "-m", "headstart", *command], check=True, stdout=subprocess.DEVNULL)
    metrics: dict[str, float] = json.loads(written.read_text())["metrics"]
    return metrics
