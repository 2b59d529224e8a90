"""A plan and a data set -> a trained model and its record: the one way to carry out an arm."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch

from headstart import evaluation, prediction
from headstart.artefact import TrainedModel
from headstart.core.clock import Clock
from headstart.core.dataset import Dataset, Indices, Part
from headstart.core.ledger import Ledger
from headstart.core.run_record import CHECKPOINT, ModelRecord, RunRecord
from headstart.core.runtime import Precision, resolve_device
from headstart.core.strategy import Plan
from headstart.core.view import Network, View
from headstart.features.extract import extract
from headstart.features.probe import Probe, ProbeSettings, fit_probe, probe_head
from headstart.features.rounding import precision_for
from headstart.features.table import FeatureTable
from headstart.features.training_probe import folds_of, solved_head
from headstart.features.unfitting import shares, unfitting
from headstart.floor import floor_of, on_features, trains_pretrained_body
from headstart.metrics.goal import score
from headstart.metrics.temperature import choose_temperature, tempered
from headstart.metrics.threshold import choose_thresholds
from headstart.models.backbone import trainable_numel
from headstart.pacing import paced
from headstart.recording import recorded
from headstart.tasks import TASKS
from headstart.tasks.building import build
from headstart.tasks.task import Model, Task
from headstart.tasks.unit_length import UnitLength
from headstart.train.class_weights import balanced_weights
from headstart.train.contrastive import train_contrastive
from headstart.train.feed import FeatureFeed, Feed
from headstart.train.feeds import feed_for
from headstart.train.loop import TrainSettings, Validation, train
from headstart.train.settings import patience_of

TIE = 1e-6
"""How much a unit of log loss counts beside the metric: it only decides between epochs that are equal by the metric."""


@dataclass(frozen=True)
class Outcome:
    """What an arm leaves: the model, its record, and the probabilities (N, C) of the held-out items.

    `ledger` says which items do not fit into the network, and what became of them.
    """

    trained: TrainedModel
    record: RunRecord
    held_out: np.ndarray
    ledger: Ledger = field(default_factory=Ledger)


@dataclass(frozen=True)
class _Arm:
    """What every way of training needs to know."""

    plan: Plan
    dataset: Dataset
    task: Task
    model: Model
    device: str
    precision: Precision
    clock: Clock
    folder: Path | None
    deadline: float | None = None


@dataclass(frozen=True)
class _Trained:
    """What a way of training found out; `probabilities` are those of `items`, which did not train what gave them.

    They are those at `temperature`.
    """

    items: Indices
    probabilities: np.ndarray
    part: str = "validation"
    temperature: float = 1.0
    strength: float | None = None
    best_epoch: int | None = None
    trained_parameters: int | None = None
    notes: tuple[str, ...] = ()


def execute(
    plan: Plan,
    dataset: Dataset,
    *,
    leaked: Indices | None = None,
    folder: Path | None = None,
    begun: float | None = None,
) -> Outcome:
    """Carry out a plan on a data set whose parts are assigned and whose contents are hashed.

    `leaked` are held-out items that have a duplicate in training; the numbers are then given with and without them.
    With a `folder`, the curve and the events of a training are written there, and the checkpoint that it goes on from
    where there is one. What is trained from a pretrained body is never worse on the validation part than the body's own
    linear probe, which is then returned in its place (`best_epoch` 0). Test items take part in nothing but the last
    evaluation. The budget counts from `begun` on the monotonic clock, or from now.
    """
    clock, begun = Clock.since(begun)
    device = resolve_device(plan.device)
    task = TASKS[plan.task](multi_label=dataset.multi_label)
    with clock.phase("load"):
        model = build(plan, task, len(dataset.labels))
        precision = precision_for(model.backbone, plan, frozen=on_features(plan), device=device)
        ledger = unfitting(dataset, model.backbone, plan.input)
    deadline = None if plan.budget is None else begun + plan.budget
    if plan.budget is not None and not on_features(plan):
        with clock.phase("pace"):
            plan = paced(plan, dataset, model, task, device=device, begun=begun)
        if folder is not None:
            plan.write(folder / "plan.json")
    arm = _Arm(plan, dataset, task, model, device, precision, clock, folder, deadline)
    found = _tempered(arm, _train_on_features(arm) if on_features(plan) else _train_above_floor(arm))
    trained = TrainedModel.of(_describe(arm, found), model.eval())
    with clock.phase("evaluate"):
        held_out = dataset.part(Part.TEST)
        probabilities = prediction.probabilities(trained, held_out, device=device, cached=on_features(plan))
        name = evaluation.held_out_name(dataset)
        test = evaluation.measured(trained.record, probabilities, held_out, part=name, leaked=leaked)
    checked = evaluation.measured(trained.record, found.probabilities, dataset.take(found.items), part=found.part)
    record = recorded(
        plan,
        dataset,
        device=device,
        precision=precision,
        parameters=sum(parameter.numel() for parameter in model.parameters()),
        trained_parameters=trainable_numel(model) if found.trained_parameters is None else found.trained_parameters,
        strength=found.strength,
        best_epoch=found.best_epoch,
        validation=checked,
        test=test,
        seconds={**clock.seconds, "total": sum(clock.seconds.values())},
        notes=(*found.notes, *shares(ledger, dataset)),
    )
    return Outcome(trained, record, probabilities, ledger)


def _tempered(arm: _Arm, found: _Trained) -> _Trained:
    """With the temperature that suits the validation items; a solved head is calibrated already."""
    if found.part != "validation":
        return found
    temperature = choose_temperature(found.probabilities, arm.dataset.targets[found.items])
    probabilities = tempered(found.probabilities, temperature, multi_label=arm.dataset.multi_label)
    return replace(found, temperature=temperature, probabilities=probabilities)


def train_only(
    plan: Plan,
    dataset: Dataset,
    *,
    probe: dict[str, torch.Tensor] | None = None,
    folder: Path | None = None,
    deadline: float | None = None,
) -> tuple[Model, tuple[str, ...]]:
    """The network of a plan, trained on the training part, in evaluation mode, and notes; nothing is measured.

    A training that starts from a probe takes the head `probe`, or solves one where it is None. `deadline` is a time of
    the monotonic clock at which the training is broken off.
    """
    device = resolve_device(plan.device)
    task = TASKS[plan.task](multi_label=dataset.multi_label)
    model = build(plan, task, len(dataset.labels))
    precision = precision_for(model.backbone, plan, frozen=on_features(plan), device=device)
    arm = _Arm(plan, dataset, task, model, device, precision, Clock(), folder, deadline)
    found = _train_on_features(arm) if on_features(plan) else _train_on_items(arm, probe=probe)
    return model.eval(), found.notes


def _train_on_features(arm: _Arm) -> _Trained:
    with arm.clock.phase("features"):
        table = extract(
            arm.dataset,
            arm.model.backbone,
            input=arm.plan.input,
            device=arm.device,
            precision=arm.precision,
            mirrored=bool(arm.plan.mirrored),
        )
    arm.model.backbone.requires_grad_(False)
    with arm.clock.phase("train"):
        if arm.plan.strategy.solver == "gradient":
            indices = arm.dataset.indices(Part.TRAIN)
            return _loop(arm, FeatureFeed(table, arm.dataset.targets[indices], indices=indices))
        return _solve_probe(arm, table)


def _solve_probe(arm: _Arm, table: FeatureTable) -> _Trained:
    plan, dataset = arm.plan, arm.dataset
    indices = dataset.indices(Part.TRAIN, Part.VALIDATION)
    known = dataset.take(indices)
    folds = folds_of(known)
    settings = ProbeSettings(
        solver="ridge" if plan.strategy.solver == "ridge" else "logistic",
        strength=plan.strategy.strength,
        goal=plan.goal,
        class_weights=plan.strategy.class_weights,
    )
    probe: Probe = fit_probe(
        table, known.targets, indices=indices, folds=folds, settings=settings, labels=len(dataset.labels)
    )
    arm.model.head.load_state_dict({f"linear.{name}": value for name, value in probe_head(probe).items()})
    return _Trained(
        items=indices,
        probabilities=probe.out_of_fold,
        part="cross-validation",
        strength=probe.strength,
        notes=probe.notes,
    )


def _train_on_items(arm: _Arm, *, probe: dict[str, torch.Tensor] | None = None) -> _Trained:
    plan, part = arm.plan, arm.dataset.part(Part.TRAIN)
    if plan.strategy.contrast is not None:
        return _train_contrastive(arm)
    if plan.strategy.start == "probe":
        arm.model.head.load_state_dict(probe or _probe_head(arm, part))
    with arm.clock.phase("train"):
        return _loop(arm, feed_for(part, arm.model.backbone, plan.input, plan.strategy, seed=plan.seed))


def _train_contrastive(arm: _Arm) -> _Trained:
    """The body learns from all known items, and the head is solved on what it makes of them; none is left."""
    plan, known = arm.plan, arm.dataset.part(Part.TRAIN, Part.VALIDATION)
    feed = feed_for(known, arm.model.backbone, plan.input, plan.strategy, seed=plan.seed)
    with arm.clock.phase("train"):
        result = train_contrastive(arm.model.backbone, feed, plan.strategy, settings=_settings(arm))
    arm.clock.add("train", result.earlier_seconds)
    head = _probe_head(arm, known)
    arm.model.head.load_state_dict(head)
    arm.model.head = UnitLength(arm.model.head)
    learnt = result.trained_parameters + sum(value.numel() for value in head.values())
    return _Trained(
        items=np.zeros(0, np.int64),
        probabilities=np.zeros((0, len(known.labels)), np.float32),
        strength=plan.strategy.strength,
        trained_parameters=learnt,
        notes=result.notes,
    )


def _probe_head(arm: _Arm, training: Dataset) -> dict[str, torch.Tensor]:
    with arm.clock.phase("probe"):
        found = solved_head(arm.plan, training, arm.model.backbone, device=arm.device, precision=arm.precision)
    return {f"linear.{name}": value for name, value in found.items()}


def _train_above_floor(arm: _Arm) -> _Trained:
    """Train; where the pretrained network's own probe is better on the validation part, that is the model instead."""
    plan, validation = arm.plan, arm.dataset.part(Part.VALIDATION)
    if not trains_pretrained_body(plan) or not len(validation):
        return _train_on_items(arm)
    head = _probe_head(arm, arm.dataset.part(Part.TRAIN))
    with arm.clock.phase("probe"):
        record = _describe(arm, None)
        floor = floor_of(arm.model, validation, head=head, record=record, goal=plan.goal, device=arm.device)
    found = _train_on_items(arm, probe=head)
    reached = score(plan.goal, found.probabilities, validation.targets)
    if not reached < floor.score:
        return found
    arm.model.backbone.load_state_dict(build(plan, arm.task, len(arm.dataset.labels)).backbone.state_dict())
    arm.model.head.load_state_dict(head)
    return replace(
        found,
        probabilities=floor.probabilities,
        best_epoch=0,
        trained_parameters=floor.parameters,
        notes=(*found.notes, floor.note(plan.goal, reached=reached)),
    )


def _loop(arm: _Arm, feed: Feed) -> _Trained:
    """Train by steps; the validation part gives the curve, decides early stopping, and is what choices are made on."""
    indices = arm.dataset.indices(Part.VALIDATION)
    part = arm.dataset.take(indices)
    last = np.zeros((0, len(arm.dataset.labels)), np.float32)

    def validate(model: Model) -> Validation:
        nonlocal last
        record = _describe(arm, None)
        last = prediction.probabilities(
            TrainedModel.of(record, model), part, device=arm.device, cached=on_features(arm.plan)
        )
        value = score(arm.plan.goal, last, part.targets)
        loss = -score(arm.plan.goal.model_copy(update={"metric": "log_loss"}), last, part.targets)
        return Validation(
            value - TIE * loss, {f"validation_{arm.plan.goal.metric}": value, "validation_log_loss": loss}
        )

    training, balanced = arm.dataset.part(Part.TRAIN), arm.plan.strategy.class_weights == "balanced"
    weights = balanced_weights(training.targets, labels=len(training.labels)) if balanced else None
    patience = patience_of(arm.plan.strategy, len(feed))
    settings = replace(_settings(arm), class_weights=weights, patience=patience)
    result = train(
        arm.model, arm.task, feed, arm.plan.strategy, settings=settings, validate=validate if len(part) else None
    )
    arm.clock.add("train", result.earlier_seconds)
    if len(part):
        validate(arm.model)  # of the weights that were kept
    return _Trained(
        items=indices,
        probabilities=last,
        best_epoch=result.best_epoch,
        trained_parameters=result.trained_parameters,
        notes=result.notes,
    )


def _settings(arm: _Arm) -> TrainSettings:
    return TrainSettings(
        seed=arm.plan.seed,
        device=arm.device,
        precision=arm.precision,
        folder=arm.folder,
        checkpoint=None if arm.folder is None else arm.folder / CHECKPOINT,
        resume=True,
        description=arm.plan.strategy.method,
        max_seconds=None if arm.deadline is None else max(arm.deadline - time.monotonic(), 0.0),
    )


def _describe(arm: _Arm, found: _Trained | None) -> ModelRecord:
    backbone, strategy = arm.model.backbone, arm.plan.strategy
    thresholds: tuple[float, ...] = ()
    if found is not None and len(found.items):
        thresholds = choose_thresholds(arm.plan.goal, found.probabilities, arm.dataset.targets[found.items])
    return ModelRecord(
        task=arm.plan.task,
        labels=arm.dataset.labels,
        multi_label=arm.dataset.multi_label,
        networks=(Network(card=backbone.card, architecture=backbone.architecture),),
        views=(
            View(name=strategy.method, unit_length=strategy.contrast is not None, mirrored=bool(arm.plan.mirrored)),
        ),
        input=arm.plan.input,
        thresholds=thresholds,
        temperature=1.0 if found is None else found.temperature,
        precision=arm.precision,
        pairs=arm.dataset.pairs,
    )
