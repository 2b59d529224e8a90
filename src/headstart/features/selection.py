"""Which strength of regularisation predicts best what it was not fitted on."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from headstart.core.dataset import Indices
from headstart.core.runtime import cores
from headstart.core.strategy import Goal
from headstart.features.design import Design
from headstart.features.linear import Doubles, probabilities
from headstart.features.platt import platt
from headstart.features.solvers import Solver
from headstart.features.targets import Truth
from headstart.metrics.goal import score

# Above these, one held-out fold tells strengths apart well enough, and the others are fitted for the chosen one only.
MOST_ROWS_OF_ALL_FOLDS = 20_000
MOST_SCORES_OF_ALL_FOLDS = 2_000_000
PATIENCE = 2
LOG_LOSS = Goal(metric="log_loss")

Probabilities = npt.NDArray[np.float32]


@dataclass(frozen=True)
class GridScore:
    """How well one strength predicted held-out rows: the goal's metric (higher is better) and the log loss."""

    strength: float
    score: float
    log_loss: float


@dataclass(frozen=True)
class Choice:
    """The chosen strength with the grid it was chosen from and what it says, (N, C), of rows it was not fitted on.

    Its scores times `factor` plus `shift`, each (K,), are log odds.
    """

    strength: float
    grid: tuple[GridScore, ...]
    out_of_fold: Probabilities
    factor: Doubles
    shift: Doubles


@dataclass(frozen=True)
class Trial:
    """A solver with the rows that it is tried on: `folds` (N,) says which fold each row is held out in."""

    design: Design
    truth: Truth
    folds: Indices
    solver: Solver
    goal: Goal


def choose(trial: Trial, *, strength: float | None) -> Choice:
    """Cross-validate the strengths and choose one, or only use the one given.

    The strengths are tried from the most regularised on, until two in a row were worse than the best both by score and
    by log loss.
    """
    numbers = np.unique(trial.folds)
    grid: list[GridScore] = []
    if strength is None:
        rows = len(trial.folds)
        few = rows <= MOST_ROWS_OF_ALL_FOLDS and rows * trial.truth.labels <= MOST_SCORES_OF_ALL_FOLDS
        used = numbers if few else numbers[:1]
        grid = _search(trial, used)
        strength = pick(grid, rows=int(np.isin(trial.folds, used).sum())).strength
    tried = _try(trial, strength, numbers)
    out_of_fold = np.empty((len(trial.folds), trial.truth.labels), np.float32)
    out_of_fold[tried.held_out] = tried.probabilities
    return Choice(strength, tuple(grid) or (tried.grade,), out_of_fold, tried.factor, tried.shift)


def pick(grid: Sequence[GridScore], *, rows: int) -> GridScore:
    """Of the strengths whose score on so many rows is as good as the best one's, the one with the lowest log loss.

    Half a standard error is as good: the log loss, which hears every row and not only those near a decision, then
    tells better which strength does well on new rows, by the score too.
    """
    best = max(grade.score for grade in grid)
    share = min(max(best, 0.0), 1.0)
    margin = 0.5 * (share * (1 - share) / rows) ** 0.5
    return min((grade for grade in grid if grade.score >= best - margin), key=lambda grade: grade.log_loss)


@dataclass(frozen=True)
class _Tried:
    """What came of one strength: the rows that were held out and their probabilities (n, C)."""

    grade: GridScore
    held_out: Indices
    probabilities: Probabilities
    factor: Doubles
    shift: Doubles


def _search(trial: Trial, numbers: Indices) -> list[GridScore]:
    """Every strength that was tried on these folds."""
    grid: list[GridScore] = []
    for strength in trial.solver.strengths():
        grid.append(_try(trial, strength, numbers).grade)
        score_so_far = max(grade.score for grade in grid)
        loss_so_far = min(grade.log_loss for grade in grid)
        late = grid[-PATIENCE:]
        if all(grade.score < score_so_far and grade.log_loss > loss_so_far for grade in late):
            break
    return grid


def _try(trial: Trial, strength: float, numbers: Indices) -> _Tried:
    held_out, scores = _held_out_scores(trial, strength, numbers)
    truth = trial.truth.take(held_out)
    factor, shift = np.ones(truth.scores), np.zeros(truth.scores)
    if not trial.solver.calibrated:
        factor, shift = platt(scores, truth.wanted(), truth.link)
    known = probabilities(scores * factor + shift, truth.link)
    known = np.concatenate([1 - known, known], axis=1) if truth.one_row else known
    grade = GridScore(strength, score(trial.goal, known, truth.targets), -score(LOG_LOSS, known, truth.targets))
    return _Tried(grade, held_out, known, factor, shift)


def _held_out_scores(trial: Trial, strength: float, numbers: Indices) -> tuple[Indices, Probabilities]:
    """The rows of these folds and their scores (n, K) by classifiers that have not seen them."""

    def one(number: int) -> tuple[Indices, Probabilities]:
        held_out = np.flatnonzero(trial.folds == number)
        linear = trial.solver.fit(strength, without=number)
        return held_out, trial.design.take(held_out).scores(linear)

    # Rows that are read on every pass are read by several threads already.
    with ThreadPoolExecutor(cores() if trial.design.in_memory else 1, "headstart-fold") as pool:
        rows, scores = zip(*pool.map(one, map(int, numbers)), strict=True)
    return np.concatenate(rows), np.concatenate(scores)
