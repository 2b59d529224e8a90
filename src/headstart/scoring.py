"""One candidate and a data set -> what its features say of the data, from one pass over the items."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from headstart import execution
from headstart.core.card import ModelCard
from headstart.core.dataset import Dataset
from headstart.core.ranking import Interval
from headstart.core.rows import Rows
from headstart.core.runtime import resolve_device, resolve_precision
from headstart.core.strategy import Plan
from headstart.features.extract import extract
from headstart.features.probe import ProbeSettings, fit_probe
from headstart.features.training_probe import folds_of
from headstart.methods.linear_probe import solver_for
from headstart.metrics.item_scores import item_scores
from headstart.metrics.logits import probabilities_of
from headstart.models.backbone import Backbone, Features
from headstart.models.latency import Latency, measure_latency
from headstart.scores.intervals import score_all
from headstart.tasks import TASKS
from headstart.train.pace import seconds_per_item


@dataclass(frozen=True)
class Candidate:
    """A model that may be chosen: its card, the plan of its short trainings, and what is known without the data."""

    card: ModelCard
    plan: Plan
    prior: float | None
    prior_why: str


@dataclass(frozen=True)
class ScoredModel:
    """A candidate after one pass over the known items.

    `right` are its probe's scores (N,) of items that the probe was not fitted on; `step_seconds` is what one item of a
    training step takes, `seconds` what it took to find all this out.
    """

    candidate: Candidate
    latency: Latency
    scores: Mapping[str, Interval]
    not_scored: Mapping[str, str]
    right: npt.NDArray[np.float64]
    step_seconds: float
    seconds: Mapping[str, float]


def score_model(candidate: Candidate, known: Dataset, *, names: tuple[str, ...]) -> ScoredModel:
    """Load the model, measure its pace, and score its features of the known items.

    Raises `ModelError` where it cannot be had, or its features cannot be used.
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
    model = execution.build(plan, task, len(known.labels))
    lap("load")
    latency = measure_latency(model.backbone, input=plan.input, device=device)
    step_seconds = seconds_per_item(model, plan.strategy, facts=plan.input, device=device)
    lap("pace")
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
    return ScoredModel(
        candidate=candidate,
        latency=latency,
        scores={name: Interval(value=s.value, low=s.low, high=s.high) for name, s in scored.items() if not s.skipped},
        not_scored={name: s.skipped for name, s in scored.items() if s.skipped},
        right=item_scores(plan.goal, probe.out_of_fold, known.targets),
        step_seconds=step_seconds,
        seconds=seconds,
    )


def _features(rows: npt.NDArray[np.float32]) -> Features:
    import torch

    return Features(pooled=torch.from_numpy(rows))


def _rows(rows: Rows, backbone: Backbone, known: Dataset) -> Rows:
    """The rows with the source task's probabilities, where its head is known, and with the data's groups."""
    import torch

    logits = backbone.source_logits(torch.from_numpy(np.asarray(rows.x, np.float32)))
    probabilities = None if logits is None else probabilities_of(logits.numpy().astype(np.float64), multi_label=False)
    return Rows(x=rows.x, y=rows.y, source_probabilities=probabilities, groups=known.groups)
