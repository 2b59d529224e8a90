"""A plan and a data set whose targets are more than labels -> a trained model and its record.

The head alone is trained first where the method says that it starts as a probe; the network that came of it is what
the fine-tuned one has to beat on validation data.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
import torch

from headstart import evaluation
from headstart.answering import structured_task
from headstart.artefact import TrainedModel
from headstart.core.clock import Clock
from headstart.core.dataset import Dataset, Indices, Part
from headstart.core.run_record import CHECKPOINT, ModelRecord
from headstart.core.runtime import Precision, resolve_device, resolve_precision
from headstart.core.strategy import Plan, Strategy
from headstart.core.targets import column_of
from headstart.core.view import Network, View
from headstart.execution import Outcome
from headstart.features.unfitting import shares, unfitting
from headstart.methods.method import Situation
from headstart.methods.suited import strategy_for
from headstart.pacing import paced
from headstart.prediction import structured_answers
from headstart.recording import recorded
from headstart.tasks.building import build
from headstart.tasks.structured import StructuredTask
from headstart.tasks.task import Model
from headstart.train.feeds import feed_for
from headstart.train.loop import TrainResult, TrainSettings, Validation, train
from headstart.train.settings import patience_of

HEAD_CHECKPOINT = f"head-{CHECKPOINT}"
HEAD_SHARE = 0.25
"""Of all steps, those that train the head alone. Not measured."""


@dataclass(frozen=True)
class _Arm:
    plan: Plan
    dataset: Dataset
    task: StructuredTask
    model: Model
    device: str
    precision: Precision
    folder: Path | None
    deadline: float | None

    @property
    def validation(self) -> Dataset:
        return self.dataset.part(Part.VALIDATION)

    def record(self) -> ModelRecord:
        """What describes the model."""
        backbone = self.model.backbone
        return ModelRecord(
            task=self.plan.task,
            labels=self.dataset.labels,
            multi_label=False,
            networks=(Network(card=backbone.card, architecture=backbone.architecture),),
            views=(View(name=self.plan.strategy.method),),
            input=self.plan.input,
            precision=self.precision,
        )

    def answers(self, dataset: Dataset, model: Model | None = None) -> list[Any]:
        """What the model says of every item."""
        trained = TrainedModel.of(self.record(), model or self.model)
        return structured_answers(trained, dataset, device=self.device)

    def score(self, answers: list[Any], dataset: Dataset) -> float:
        """The goal's metric."""
        metric = self.plan.goal.metric
        return self.task.score(answers, dataset.targets, labels=len(dataset.labels), metric=metric)


def execute_structured(
    plan: Plan,
    dataset: Dataset,
    *,
    leaked: Indices | None = None,
    folder: Path | None = None,
    begun: float | None = None,
) -> Outcome:
    """Carry out a plan; arguments and what is left in `folder` are those of `execute`. `held_out` are answers (N,)."""
    clock, begun = Clock.since(begun)
    device = resolve_device(plan.device)
    task = structured_task(plan.task)
    with clock.phase("load"):
        model = build(plan, task, len(dataset.labels))
        ledger = unfitting(dataset, model.backbone, plan.input, task=plan.task)
    deadline = None if plan.budget is None else begun + plan.budget
    if plan.budget is not None:
        with clock.phase("pace"):
            plan = paced(plan, dataset, model, task, device=device, begun=begun)
        if folder is not None:
            plan.write(folder / "plan.json")
    precision = resolve_precision(plan.precision, device)
    arm = _Arm(plan, dataset, task, model, device, precision, folder, deadline)
    with clock.phase("train"):
        result, notes = _trained(arm)
    clock.add("train", result.earlier_seconds)
    model.eval()
    with clock.phase("evaluate"):
        held_out, known = dataset.part(Part.TEST), arm.validation
        name = evaluation.held_out_name(dataset)
        answers = arm.answers(held_out)
        record = arm.record()
        test = evaluation.structured_measured(record, answers, held_out, part=name, leaked=leaked)
        checked = evaluation.structured_measured(record, arm.answers(known), known, part="validation")
    run = recorded(
        plan,
        dataset,
        device=device,
        precision=precision,
        parameters=sum(parameter.numel() for parameter in model.parameters()),
        trained_parameters=result.trained_parameters,
        best_epoch=result.best_epoch,
        validation=checked,
        test=test,
        seconds={**clock.seconds, "total": sum(clock.seconds.values())},
        notes=(*notes, *shares(ledger, dataset)),
    )
    return Outcome(TrainedModel.of(arm.record(), model), run, column_of(answers), ledger)


def _trained(arm: _Arm) -> tuple[TrainResult, tuple[str, ...]]:
    """Train as the strategy says; the better of the head's training and the whole one's is what the model then is."""
    strategy = arm.plan.strategy
    if strategy.start != "probe":
        result = _loop(arm, strategy)
        return result, result.notes
    head_first, rest = _phases(arm)
    first = _loop(arm, head_first, checkpoint=HEAD_CHECKPOINT)
    validation = arm.validation
    before = arm.score(arm.answers(validation), validation) if len(validation) else float("-inf")
    kept = {name: value.detach().clone() for name, value in arm.model.state_dict().items()}
    result = _loop(arm, rest)
    after = arm.score(arm.answers(validation), validation) if len(validation) else float("inf")
    if after >= before:
        return result, result.notes
    arm.model.load_state_dict(kept)
    metric = arm.plan.goal.metric
    note = f"The head on the frozen network is kept: its validation {metric} is {before:.4f}, after more {after:.4f}."
    return first, (*result.notes, note)


def _phases(arm: _Arm) -> tuple[Strategy, Strategy]:
    """The training of the head alone, and what follows."""
    plan, strategy = arm.plan, arm.plan.strategy
    items = len(arm.dataset.indices(Part.TRAIN))
    situation = Situation(items, len(arm.dataset.labels), arm.model.backbone.card, plan.task)
    probe = strategy_for("linear-probe", situation)
    part = arm.dataset.part(Part.TRAIN)
    seen = len(feed_for(part, arm.model.backbone, plan.input, strategy, seed=plan.seed))  # some come several times
    an_epoch = ceil(seen / min(strategy.batch_size or 32, seen))
    total = strategy.steps or an_epoch * strategy.epochs
    steps = max(round(HEAD_SHARE * total), 1)
    head_first = strategy.model_copy(
        update={
            "rules": probe.rules,
            "start": "fresh",
            "layer_decay": 1.0,
            "thaw": 0.0,
            "anchor": 0.0,
            "adapter": None,
            "early_stopping": False,
            "soup": False,
            "epochs": ceil(steps / an_epoch),
            "steps": steps,
        }
    )
    return head_first, strategy.model_copy(update={"start": "fresh", "steps": max(total - steps, 1)})


def _loop(arm: _Arm, strategy: Strategy, *, checkpoint: str = CHECKPOINT) -> TrainResult:
    plan, part = arm.plan, arm.dataset.part(Part.TRAIN)
    validation, metric = arm.validation, arm.plan.goal.metric
    chosen = strategy.early_stopping or strategy.soup

    def validate(model: Model) -> Validation:
        value = arm.score(arm.answers(validation, model), validation)
        return Validation(value, {f"validation_{metric}": value})

    feed = feed_for(part, arm.model.backbone, plan.input, strategy, seed=plan.seed)
    main = checkpoint == CHECKPOINT
    settings = TrainSettings(
        seed=plan.seed,
        device=arm.device,
        precision=arm.precision,
        class_weights=_class_weights(arm),
        folder=arm.folder if main else None,
        checkpoint=None if arm.folder is None else arm.folder / checkpoint,
        resume=True,
        patience=patience_of(strategy, len(feed)),
        description=strategy.method if main else f"{strategy.method}, the head",
        max_seconds=None if arm.deadline is None else max(arm.deadline - time.monotonic(), 0.0),
    )
    task: Any = arm.task
    wanted = validate if len(validation) and chosen else None
    return train(arm.model, task, feed, strategy, settings=settings, validate=wanted)


def _class_weights(arm: _Arm) -> torch.Tensor | None:
    """Weights (C,) by which every class counts alike, by how much of it there is in all."""
    if arm.plan.strategy.class_weights == "none":
        return None
    training = arm.dataset.part(Part.TRAIN)
    labels = len(training.labels)
    counts = np.maximum(np.sum([target.counts(labels) for target in training.targets], axis=0), 1)
    return torch.from_numpy((counts.sum() / (labels * counts)).astype(np.float32))
