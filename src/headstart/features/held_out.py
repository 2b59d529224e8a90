"""Linear heads on features that come from labels: what they say of rows that trained neither the head nor the features.

Cross-validation on the features of a network that was fine-tuned on the same rows would praise every head; only rows
that the network has never seen can tell which regularisation it needs.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from headstart.core.dataset import Indices
from headstart.core.runtime import cores
from headstart.core.strategy import Goal
from headstart.features.design import build_design
from headstart.features.linear import Linear, probabilities, two_classes
from headstart.features.probe import ProbeSettings
from headstart.features.selection import LOG_LOSS, GridScore, pick
from headstart.features.solvers import LogisticSolver
from headstart.features.table import FeatureTable
from headstart.features.targets import Truth
from headstart.metrics.goal import score

Probabilities = npt.NDArray[np.float32]
Grid = dict[float, Probabilities]


def held_out_grid(
    table: FeatureTable,
    targets: npt.NDArray[Any],
    *,
    train: Indices,
    test: Indices,
    settings: ProbeSettings,
    labels: int,
) -> Grid:
    """For each strength of logistic regression, what a head fitted on the rows `train` says of the rows `test`.

    `targets` are those of all rows of the table: class indices (N,), or 0 and 1 (N, C). `labels` is C.
    """
    truth = Truth.of(targets[train], labels, settings.class_weights)
    with threadpool_limits(limits=1, user_api="blas"):
        design = build_design(table, train)
        solver = LogisticSolver(design, truth, np.zeros(len(train), np.int64))
        strengths = [settings.strength] if settings.strength is not None else _decades(solver)
        rows = table.rows(test).astype(np.float64)

        def one(strength: float) -> Probabilities:
            # A solver of its own: strengths run side by side, and a start at another's end would depend on the clock.
            alone = LogisticSolver(design, truth, np.zeros(len(train), np.int64))
            linear: Linear = design.raw(alone.fit(strength))
            linear = two_classes(linear) if truth.one_row else linear
            link = "softmax" if truth.one_row else truth.link
            return probabilities(rows @ linear.weight.T + linear.bias, link)

        with ThreadPoolExecutor(cores() if design.in_memory else 1, "headstart-strength") as pool:
            return dict(zip(strengths, pool.map(one, strengths), strict=True))


def _decades(solver: LogisticSolver) -> list[float]:
    """The powers of ten of the probe's grid: each strength costs a fit a fold.

    Not every second one from the first on: where the grid begins follows the number of rows, so folds that differ by
    an item could have no strength in common.
    """
    return [strength for strength in solver.strengths() if round(2 * np.log10(strength)) % 2 == 0]


def best_strength(grids: list[Grid], targets: list[npt.NDArray[Any]], *, goal: Goal) -> tuple[float, Probabilities]:
    """The strength that says most of all held-out rows together, and what it says of them, grid after grid.

    It is chosen as that of a probe is: the lowest log loss among those whose score is as good as the best one's.
    """
    truth = np.concatenate(targets)
    shared = sorted(set.intersection(*(set(grid) for grid in grids)))
    joined = {strength: np.concatenate([grid[strength] for grid in grids]) for strength in shared}
    scores = [
        GridScore(strength, score(goal, known, truth), -score(LOG_LOSS, known, truth))
        for strength, known in joined.items()
    ]
    chosen = pick(scores, rows=len(truth)).strength
    return chosen, joined[chosen]
