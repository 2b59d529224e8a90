"""Cached features and targets -> the linear probe: the head that classifies a frozen backbone's features."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from headstart.core.dataset import Indices
from headstart.core.strategy import Goal
from headstart.features.design import build_design
from headstart.features.linear import two_classes
from headstart.features.selection import LOG_LOSS, GridScore, Trial, choose
from headstart.features.solvers import LogisticSolver, RidgeSolver, Solver
from headstart.features.table import FeatureTable
from headstart.features.targets import Truth
from headstart.metrics.goal import score


@dataclass(frozen=True)
class ProbeSettings:
    """How a probe is solved. `strength` belongs to standardised features (see `Strategy`); None is cross-validated."""

    solver: Literal["logistic", "ridge"] = "logistic"
    strength: float | None = None
    goal: Goal = field(default_factory=Goal)
    class_weights: Literal["none", "balanced"] = "none"


@dataclass(frozen=True)
class Probe:
    """A head for raw features: logits are features times `weight` (C, D), transposed, plus `bias` (C,), both float32.

    `out_of_fold`, float32 (N, C), are the probabilities of each training row by a probe that was not fitted on it, and
    `log_loss` is theirs; `scores` is the grid that `strength` was chosen from.
    """

    weight: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float32]
    strength: float
    scores: tuple[GridScore, ...]
    out_of_fold: npt.NDArray[np.float32]
    log_loss: float
    notes: tuple[str, ...] = ()


def fit_probe(
    table: FeatureTable,
    targets: npt.NDArray[Any],
    *,
    indices: Indices,
    folds: Indices,
    settings: ProbeSettings,
    labels: int | None = None,
) -> Probe:
    """Solve the probe on the rows of the table at `indices` (N,), with the strength that predicts held-out rows best.

    `targets` are those of these rows: class indices (N,), or 0 and 1 (N, C). `folds` (N,) numbers the fold in which
    each row is held out. `labels` is C, in case the last ones do not occur. The final probe is fitted on all N rows.
    """
    if not len(targets) == len(indices) == len(folds):
        raise ValueError(f"{len(indices)} rows, {len(targets)} targets and {len(folds)} folds")
    if len(np.unique(folds)) < 2:
        raise ValueError("cross-validation needs two folds at least")
    count = targets.shape[1] if targets.ndim == 2 else int(targets.max()) + 1
    truth = Truth.of(targets, labels or count, settings.class_weights)
    # Threads that each do a part of their own beat a library that splits every product among its threads. The limit
    # reaches the libraries that are loaded by now, so SciPy is imported at the head of the solvers' files.
    with threadpool_limits(limits=1, user_api="blas"):
        design = build_design(table, indices)
        kind = RidgeSolver if settings.solver == "ridge" else LogisticSolver
        solver: Solver = kind(design, truth, folds)
        choice = choose(Trial(design, truth, folds, solver, settings.goal), strength=settings.strength)
        linear = design.raw(solver.fit(choice.strength)).scaled(choice.factor, choice.shift)
    linear = two_classes(linear) if truth.one_row else linear
    return Probe(
        weight=linear.weight.astype(np.float32),
        bias=linear.bias.astype(np.float32),
        strength=choice.strength,
        scores=choice.grid,
        out_of_fold=choice.out_of_fold,
        log_loss=-score(LOG_LOSS, choice.out_of_fold, targets),
        notes=_notes(solver, choice.strength),
    )


def probe_head(probe: Probe) -> dict[str, Any]:
    """The state of a `torch.nn.Linear` that computes the probe's logits."""
    import torch

    return {"weight": torch.from_numpy(probe.weight.copy()), "bias": torch.from_numpy(probe.bias.copy())}


def _notes(solver: Solver, strength: float) -> tuple[str, ...]:
    if isinstance(solver, LogisticSolver) and strength in solver.unsettled:
        return (f"The logistic regression with C = {strength:g} stopped before its optimum was reached.",)
    return ()
