"""How often 95 % intervals hold the truth: ours and the bootstrap's own percentiles, on data whose truth is known.

`python -m benchmarks.interval_coverage [REPEATS]` prints the table of `docs/metrics.md`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from headstart.metrics.intervals import Resampled, interval
from headstart.metrics.outcome import Outcome
from headstart.metrics.table import METRICS
from headstart.metrics.weighted import Once

NAMES = ("accuracy", "balanced_accuracy", "macro_f1", "auroc", "average_precision", "log_loss")
FIVE, RARE, THREE = (0.4, 0.3, 0.15, 0.1, 0.05), (0.8, 0.2), (0.4, 0.35, 0.25)


@dataclass(frozen=True)
class Scenario:
    """Items of classes with these shares, told apart by Gaussian scores; `spread` moves the scores of whole groups."""

    name: str
    shares: tuple[float, ...]
    signal: float
    items: int
    in_group: int = 1
    spread: float = 0.0

    def draw(self, random: np.random.Generator, items: int) -> tuple[Outcome, np.ndarray]:
        """An outcome of this many items, and the group of each."""
        groups = np.arange(items) // self.in_group
        truth = random.choice(len(self.shares), size=items, p=self.shares)
        scores = random.normal(size=(items, len(self.shares)))
        scores += random.normal(size=(groups[-1] + 1, len(self.shares)))[groups] * self.spread
        scores[np.arange(items), truth] += self.signal
        logits = scores * self.signal + np.log(self.shares)
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        return Outcome.of(powers / powers.sum(axis=1, keepdims=True), truth), groups


SCENARIOS = (
    Scenario("50 items, 5 classes", FIVE, 2.4, 50),
    Scenario("200 items, 5 classes", FIVE, 2.4, 200),
    Scenario("50 items, 5 classes, nearly all right", FIVE, 3.9, 50),
    Scenario("200 items, 5 classes, nearly all right", FIVE, 3.9, 200),
    Scenario("50 items, 20 % positive", RARE, 1.8, 50),
    Scenario("200 items, 20 % positive", RARE, 1.8, 200),
    Scenario("8 groups of 20", THREE, 2.1, 160, 20, 1.0),
    Scenario("20 groups of 20", THREE, 2.1, 400, 20, 1.0),
    Scenario("50 groups of 20", THREE, 2.1, 1000, 20, 1.0),
)


def coverage(scenario: Scenario, repeats: int) -> dict[str, tuple[float, float]]:
    """Percent of repeats in which our interval, and that of the percentiles, hold the value on 400,000 items."""
    random = np.random.default_rng(0)
    everything = Once(scenario.draw(random, 400_000)[0])
    truth = {name: float(METRICS[name].compute(everything)[0]) for name in NAMES}
    held = {name: [0, 0] for name in NAMES}
    for repeat in range(repeats):
        outcome, groups = scenario.draw(random, scenario.items)
        once, resampled = Once(outcome), Resampled(outcome, groups, seed=repeat)
        for name in NAMES:
            metric = METRICS[name]
            value = float(metric.compute(once)[0])
            found = interval(metric, value, resampled=resampled, units=resampled.units)
            percentiles = np.nanquantile(metric.compute(resampled), [0.025, 0.975])
            held[name][0] += found is not None and found[0] <= truth[name] <= found[1]
            held[name][1] += percentiles[0] <= truth[name] <= percentiles[1]
    return {name: (100 * ours / repeats, 100 * theirs / repeats) for name, (ours, theirs) in held.items()}


def main(show: Callable[[str], None] = print) -> None:
    """Print the table: ours, and the percentiles in brackets."""
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    show(f"| data | {' | '.join(METRICS[name].title for name in NAMES)} |")
    show("|---" * (len(NAMES) + 1) + "|")
    for scenario in SCENARIOS:
        found = coverage(scenario, repeats)
        show(f"| {scenario.name} | {' | '.join(f'{a:.0f} ({b:.0f})' for a, b in found.values())} |")


if __name__ == "__main__":
    main()
