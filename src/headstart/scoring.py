"""One candidate and a data set -> what its features say of the data, from one pass over the items."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from headstart.answering import structured_task
from headstart.core.candidates import Cost, Limits, Prior
from headstart.core.card import ModelCard
from headstart.core.dataset import Dataset
from headstart.core.errors import ModelError
from headstart.core.ranking import Interval, ScoreValue
from headstart.core.rows import Rows
from headstart.core.runtime import resolve_device, resolve_precision
from headstart.core.strategy import Goal, Plan
from headstart.features.extract import extract
from headstart.features.preparation import preparation_of
from headstart.features.probe import ProbeSettings, fit_probe
from headstart.features.rounding import precision_for
from headstart.features.structured_rows import structured_rows
from headstart.features.table import ArrayFeatures
from headstart.features.training_probe import folds_of
from headstart.methods.linear_probe import solver_for
from headstart.metrics.item_scores import item_scores
from headstart.metrics.logits import probabilities_of
from headstart.models.backbone import Backbone, Features
from headstart.models.cost.latency import measure_latency, over
from headstart.pacing import training_seconds
from headstart.scores.intervals import Scored, score_all
from headstart.tasks import TASKS
from headstart.tasks.building import build
from headstart.tasks.task import Model

Z = 1.96
LATENCY_SECONDS = 0.5
"""What is spent on measuring how long a model takes for an item."""


@dataclass(frozen=True)
class Candidate:
    """A model that may be chosen: its card, the plan of its short trainings, and what is known without the data."""

    card: ModelCard
    plan: Plan
    prior: Prior


@dataclass(frozen=True)
class ScoredModel:
    """A candidate after one pass over the known items.

    `right` are its probe's scores (N,) of items that the probe was not fitted on; `step_seconds` is what one item of a
    training step takes, `seconds` what it took to find all this out.
    """

    candidate: Candidate
    cost: Cost
    scores: Mapping[str, ScoreValue]
    not_scored: Mapping[str, str]
    right: npt.NDArray[np.float64]
    step_seconds: float
    seconds: Mapping[str, float]

    def probe_interval(self, groups: npt.NDArray[np.integer[Any]] | None) -> Interval:
        """The mean of the probe's scores, with whole groups as what was sampled."""
        mean, size = float(self.right.mean()), len(self.right)
        parts = self.right - mean
        if groups is not None:
            _, codes = np.unique(groups, return_inverse=True)
            parts = np.bincount(codes, weights=parts).astype(np.float64)
        units = len(parts)
        if units < 2:
            return Interval(value=mean, low=-np.inf, high=np.inf)
        error = float(np.sqrt((parts**2).sum() * units / (units - 1)) / size)
        return Interval(value=mean, low=mean - Z * error, high=mean + Z * error)


def score_model(candidate: Candidate, known: Dataset, *, names: tuple[str, ...], limits: Limits) -> ScoredModel:
    """Load the model, measure its pace, and score its features of the known items.

    Raises `ModelError` where it cannot be had, its features cannot be used, or it is slower or larger than allowed.
    """
    plan, seconds = candidate.plan, {}
    started = time.perf_counter()

    def lap(name: str) -> None:
        nonlocal started
        now = time.perf_counter()
        seconds[name] = now - started
        started = now

    device = resolve_device(plan.device)
    precision = resolve_precision(plan.precision, device)
    task = TASKS[plan.task](multi_label=known.multi_label)
    model = build(plan, task, len(known.labels))
    lap("load")
    one = preparation_of(model.backbone, plan.input, task=plan.task).trial(known.inputs, items=1, device=device)
    brief = LATENCY_SECONDS
    cost = measure_latency(model.backbone, device=device, precision=precision, inputs=one, seconds=brief)
    why = over(cost, limits)
    if why:
        raise ModelError(f"{why}.")
    step_seconds = training_seconds(plan, model, task, known, device=device)
    lap("pace")
    if known.structured:
        rows, right = _structured(model, known, plan)
        lap("features")
        scored = score_all(rows, names, seed=plan.seed)
        lap("scores")
        return _scored(candidate, cost, scored, right, step_seconds, seconds)
    precision = precision_for(model.backbone, plan, frozen=True, device=device)
    table = extract(known, model.backbone, input=plan.input, device=device, precision=precision)
    lap("features")
    everything = np.arange(len(known), dtype=np.int64)
    rows = _rows(task.probe(_features(table.rows(everything)), known), model.backbone, known)
    scored = score_all(rows, names, seed=plan.seed)
    lap("scores")
    settings = ProbeSettings(solver=solver_for(items=len(known), classes=len(known.labels)), goal=plan.goal)
    probe = fit_probe(
        table, known.targets, indices=everything, folds=folds_of(known), settings=settings, labels=len(known.labels)
    )
    lap("probe")
    right = item_scores(plan.goal, probe.out_of_fold, known.targets)
    return _scored(candidate, cost, scored, right, step_seconds, seconds)


def _scored(
    candidate: Candidate,
    cost: Cost,
    scored: Mapping[str, Scored],
    right: npt.NDArray[np.float64],
    step_seconds: float,
    seconds: Mapping[str, float],
) -> ScoredModel:
    return ScoredModel(
        candidate=candidate,
        cost=cost,
        scores={
            name: ScoreValue(value=s.value, low=s.low, high=s.high) for name, s in scored.items() if s.value is not None
        },
        not_scored={name: s.skipped_reason for name, s in scored.items() if s.skipped_reason is not None},
        right=right,
        step_seconds=step_seconds,
        seconds=seconds,
    )


def _structured(model: Model, known: Dataset, plan: Plan) -> tuple[Rows, npt.NDArray[np.float64]]:
    """Rows of words, boxes or pixels, and of each item the share of its rows that a probe of the others gets right.

    An item without rows counts as the mean.
    """
    device = resolve_device(plan.device)
    precision = precision_for(model.backbone, plan, frozen=True, device=device)
    rows = structured_rows(
        structured_task(plan.task), model, known, facts=plan.input, device=device, precision=precision
    )
    assert rows.groups is not None
    folds = folds_of(known)[rows.groups]
    classes = int(rows.y.max(initial=0)) + 1
    settings = ProbeSettings(solver="ridge", goal=Goal())
    everything = np.arange(len(rows.y), dtype=np.int64)
    probe = fit_probe(ArrayFeatures(rows.x), rows.y, indices=everything, folds=folds, settings=settings, labels=classes)
    correct = (probe.out_of_fold.argmax(axis=1) == rows.y).astype(np.float64)
    counts = np.bincount(rows.groups, minlength=len(known))
    sums = np.bincount(rows.groups, weights=correct, minlength=len(known))
    return rows, np.where(counts > 0, sums / np.maximum(counts, 1), correct.mean())


def _features(rows: npt.NDArray[np.float32]) -> Features:
    import torch

    return Features(pooled=torch.from_numpy(rows))


def _rows(rows: Rows, backbone: Backbone, known: Dataset) -> Rows:
    """The rows with the source task's probabilities, where its head is known, and with the data's groups."""
    import torch

    logits = backbone.source_logits(torch.from_numpy(np.asarray(rows.x, np.float32)))
    probabilities = None if logits is None else probabilities_of(logits.numpy().astype(np.float64), multi_label=False)
    return Rows(x=rows.x, y=rows.y, source_probabilities=probabilities, groups=known.groups)
