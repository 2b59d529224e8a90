"""What a threshold chosen on few items costs on new data: ours, the best one seen, and one half.

`python -m benchmarks.threshold_choice [REPEATS]` prints the table of `docs/metrics.md`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np

from headstart.core.strategy import Goal, MetricName
from headstart.metrics.threshold import choose_thresholds

Drawn = tuple[np.ndarray, np.ndarray]
Draw = Callable[[np.random.Generator, int], Drawn]
GOALS: tuple[MetricName, ...] = ("accuracy", "balanced_accuracy", "macro_f1")
SIZES = (30, 100, 400, 2000)


def _gaussian(share: float, signal: float, *, offset: float = 0.0, slope: float = 1.0) -> Draw:
    def draw(random: np.random.Generator, items: int) -> Drawn:
        truth = random.random(items) < share
        scores = random.normal(size=items) + signal * truth
        logits = (signal * scores - signal**2 / 2 + np.log(share / (1 - share))) * slope + offset
        return 1 / (1 + np.exp(-logits)), truth

    return draw


def _wrong_labels(random: np.random.Generator, items: int) -> Drawn:
    """A tenth of the negatives look like positives: no logistic curve calibrates these scores."""
    truth = random.random(items) < 0.3
    scores = random.normal(size=items) + 2 * truth
    scores[~truth & (random.random(items) < 0.1)] += 3
    return 1 / (1 + np.exp(-(2 * scores - 2 + np.log(0.3 / 0.7)))), truth


def _heavy_tails(random: np.random.Generator, items: int) -> Drawn:
    truth = random.random(items) < 0.2
    scores = random.standard_t(2, size=items) + 2.5 * truth
    return 1 / (1 + np.exp(-(2 * scores - 3).clip(-15, 15))), truth


DATA: dict[str, Draw] = {
    "even": _gaussian(0.5, 1.5),
    "a fifth positive": _gaussian(0.2, 1.5),
    "a twentieth positive": _gaussian(0.05, 2.0),
    "shifted": _gaussian(0.2, 1.5, offset=1.0),
    "overconfident": _gaussian(0.3, 2.0, slope=3.0),
    "wrong labels": _wrong_labels,
    "heavy tails": _heavy_tails,
}


def value(goal: MetricName, drawn: Drawn, threshold: float) -> float:
    """The metric, in percent, by its definition."""
    scores, truth = drawn
    chosen = scores >= threshold
    hits, correct = (chosen & truth).sum(), (~chosen & ~truth).sum()
    positives, negatives = truth.sum(), (~truth).sum()
    if goal == "accuracy":
        return float(100 * (hits + correct) / len(truth))
    if goal == "balanced_accuracy":
        return float(50 * (hits / positives + correct / negatives))
    given = chosen.sum()
    return float(50 * (2 * hits / (positives + given) + 2 * correct / (negatives + len(truth) - given)))


def best_seen(goal: MetricName, drawn: Drawn) -> float:
    """The threshold that is best on the given items, nearest to one half where several are."""
    edges = np.unique(drawn[0])
    candidates = (edges[1:] + edges[:-1]) / 2
    values = np.array([value(goal, drawn, cut) for cut in candidates])
    best = candidates[values >= values.max() - 1e-9]
    return float(best[np.abs(best - 0.5).argmin()])


def regret(draw: Draw, goal: MetricName, size: int, repeats: int) -> list[float]:
    """Points lost against the best threshold on new data: ours, best seen, one half."""
    random = np.random.default_rng(0)
    new = draw(random, 50_000)
    best = max(value(goal, new, cut) for cut in np.quantile(new[0], np.linspace(0.01, 0.99, 99)))
    lost = []
    for _ in range(repeats):
        few = draw(random, size)
        if not few[1].any() or few[1].all():
            continue
        (ours,) = choose_thresholds(Goal(metric=goal), np.stack([1 - few[0], few[0]], axis=1), few[1].astype(int))
        lost.append([best - value(goal, new, cut) for cut in (ours, best_seen(goal, few), 0.5)])
    return [float(mean) for mean in np.mean(lost, axis=0)]


def main(show: Callable[[str], None] = print) -> None:
    """Print the mean and the worst of the seven kinds of data, over three goals."""
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    show("| items | ours | best seen | one half |")
    show("|---|---|---|---|")
    for size in SIZES:
        rows = np.array([regret(draw, goal, size, repeats) for draw in DATA.values() for goal in GOALS])
        cells = [f"{mean:.1f} (worst {worst:.1f})" for mean, worst in zip(rows.mean(0), rows.max(0), strict=True)]
        show(f"| {size} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
