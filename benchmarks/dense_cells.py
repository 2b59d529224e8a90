"""What the benchmarks of boxes and of masks have in common: fits of some minutes, cell by cell, and a table of them."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.cells import Cells


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
        for name, cell in found.items():
            low, high = cell["interval"]
            size = " x ".join(map(str, cell["input"][::-1]))
            numbers = f"{cell[first]:.3f} | {low:.3f} to {high:.3f} | {cell[second]:.3f}"
            lines.append(f"| {name} | {numbers} | {cell['steps']} | {size} |")
        for name, cell in found.items():
            scratch = found.get(name.replace("transfer", "scratch", 1))
            if name.startswith("transfer") and scratch is not None:
                gain = 100 * (cell[first] - scratch[first])
                lines.append(f"\n{name}: {gain:+.1f} points of {title} over scratch.")
        return "\n".join(lines)

    def run(self, description: str | None) -> None:
        """Measure what is missing, and print the table."""
        parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{self.program}", description=description)
        parser.add_argument("--table", action="store_true", help="only print the table")
        parser.add_argument("--arm", choices=self.arms, action="append", help="only this arm; may be given again")
        parser.add_argument("--minutes", type=float, nargs="+", default=[30.0], help="minutes of a fit")
        parser.add_argument("--seeds", type=int, nargs="+", default=[0])
        parser.add_argument("--size", type=int, help="longer side of the input; the plan's own if not given")
        asked = parser.parse_args()
        for minutes in () if asked.table else asked.minutes:
            for seed in asked.seeds:
                for arm in asked.arm or self.usual:
                    name = name_of(arm, minutes, seed, asked.size)
                    if name not in self.cells.read():
                        self.cells.add(name, self.measured(arm, minutes=minutes, seed=seed, size=asked.size))
                        print(self.table(), flush=True)
        print(self.table())


def name_of(arm: str, minutes: float, seed: int, size: int | None) -> str:
    """How a cell is called."""
    return f"{arm}, {minutes:g} minutes, seed {seed}" + (f", {size} pixels" if size else "")
