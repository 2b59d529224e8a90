"""Published accuracies and scores of pretrained models, and what a choice among them costs."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from benchmarks.harness import needs_shared

Grid = dict[str, dict[str, float]]
"""By data set, then by model."""


def rows_of(name: str) -> list[dict[str, str]]:
    """The rows of one table beside the repository."""
    path: Path = needs_shared("tables", f"{name}.csv")
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def grid(rows: Iterable[dict[str, str]], value: str, *, data: str = "dataset", model: str = "model") -> Grid:
    """One column as a grid; empty cells are left out."""
    found: Grid = {}
    for row in rows:
        if row[value]:
            found.setdefault(row[data], {})[row[model]] = float(row[value])
    return found


def tau(scores: Sequence[float], accuracies: Sequence[float]) -> float:
    """Kendall's tau, weighted towards the top of both orders (scipy's defaults)."""
    from scipy.stats import weightedtau

    return float(weightedtau(scores, accuracies).statistic)


def mean_tau(scores: Grid, truth: Grid) -> float:
    """Over the data sets of both, each over the models of both."""
    return float(np.mean(list(taus(scores, truth).values())))


def taus(scores: Grid, truth: Grid) -> dict[str, float]:
    """By data set."""
    found = {}
    for data in sorted(set(scores) & set(truth)):
        models = sorted(set(scores[data]) & set(truth[data]))
        found[data] = tau([scores[data][m] for m in models], [truth[data][m] for m in models])
    return found


def prior(known: Grid, wanted: Grid, *, least: float = 0.0, percent: bool = False) -> Grid:
    """For every wanted data set, minus the mean rank of each model on the *other* data sets that are known.

    `least` is the share of the other data sets that a model must have been measured on. `percent` takes the rank as a
    share of the models of its data set, which is fairer where cells are missing.
    """
    from scipy.stats import rankdata

    ranks: Grid = {}
    for data, accuracies in known.items():
        models = list(accuracies)
        places = rankdata([-accuracies[m] for m in models]) / (len(models) if percent else 1)
        ranks[data] = dict(zip(models, places, strict=True))
    found: Grid = {}
    for data, accuracies in wanted.items():
        others = [other for other in known if other != data]
        for model in accuracies:
            seen = [ranks[other][model] for other in others if model in ranks[other]]
            if seen and len(seen) >= least * len(others):
                found.setdefault(data, {})[model] = -float(np.mean(seen))
    return found


def regrets(order: Sequence[int], accuracies: Sequence[float], picks: Sequence[int]) -> list[float]:
    """The points lost when only the first k of an order are tried and the best of them is taken."""
    return [max(accuracies) - max(accuracies[index] for index in order[:count]) for count in picks]


def by_score(scores: Sequence[float]) -> list[int]:
    """The order of the scores, the highest first; equal ones keep their order."""
    return [int(index) for index in np.argsort(-np.asarray(scores), kind="stable")]


def selection(scores: Grid, truth: Grid, *, picks: Sequence[int] = (1, 2, 3)) -> dict[str, object]:
    """Mean and least tau, and mean and largest regret after each number of picks."""
    lost = []
    for data in sorted(set(scores) & set(truth)):
        models = sorted(set(scores[data]) & set(truth[data]))
        order = by_score([scores[data][m] for m in models])
        lost.append(regrets(order, [truth[data][m] for m in models], picks))
    return {"tau": mean_tau(scores, truth), "least tau": min(taus(scores, truth).values()), **summary(lost, picks)}


def summary(lost: Sequence[Sequence[float]], picks: Sequence[int]) -> dict[str, object]:
    """Mean, median and largest regret by number of picks."""
    table = np.asarray(lost)
    return {
        "regret": {str(k): float(v) for k, v in zip(picks, table.mean(axis=0), strict=True)},
        "median": {str(k): float(v) for k, v in zip(picks, np.median(table, axis=0), strict=True)},
        "largest": {str(k): float(v) for k, v in zip(picks, table.max(axis=0), strict=True)},
    }
