"""A plan with a combination and a data set -> views measured on items they have not seen, the best of them averaged.

A view is a head on features: of the pretrained network, of the fine-tuned one, or of both (SCIENCE: on each of four
sets one of them beats both a frozen probe and a careful fine-tuning, and it is not the same one). Heads on pretrained
features are judged by cross-validation; whatever a fine-tuned network has a part in, by folds that a fine-tuning of its
own has not seen. Test items take part in nothing but the last evaluation.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from headstart import evaluation, execution, prediction
from headstart.artefact import TrainedModel
from headstart.choosing import Shown, choose
from headstart.core.console import say
from headstart.core.dataset import Dataset, Indices, Part
from headstart.core.run_record import ModelRecord, RunRecord
from headstart.core.runtime import Precision, environment, resolve_device, resolve_precision
from headstart.core.strategy import Combination, Plan, Reason
from headstart.core.view import Network, View, ViewResult
from headstart.data.fingerprint import fingerprint
from headstart.execution import Clock, Outcome
from headstart.features.extract import extract
from headstart.features.held_out import Grid, best_strength, held_out_grid
from headstart.features.probe import Probe, ProbeSettings, fit_probe, probe_head
from headstart.features.table import FeatureTable, LastColumns, SideBySide
from headstart.methods.method import Situation
from headstart.metrics.blending import LOG_LOSS, blend_weights
from headstart.metrics.goal import score
from headstart.metrics.threshold import choose_thresholds
from headstart.models.backbone import Backbone
from headstart.tasks import TASKS
from headstart.tasks.task import Model, Task
from headstart.train.pace import seconds_per_item

Probabilities = npt.NDArray[np.float32]
NEW = ("refit", "together")
"""Views whose heads are solved on features of the fine-tuned network."""


@dataclass
class _Study:
    """What all parts of the work share: the items that may be learnt from, and the pretrained network."""

    plan: Plan
    dataset: Dataset
    known: Dataset
    folds: Indices
    task: Task
    model: Model
    device: str
    precision: Precision
    folder: Path | None
    clock: Clock
    started: float
    notes: list[str] = field(default_factory=list)

    def table(self, backbone: Backbone, *, mirrored: bool, stages: bool = False) -> FeatureTable:
        """Features of the known items."""
        with self.clock.phase("features"):
            return extract(
                self.known,
                backbone,
                input=self.plan.input,
                device=self.device,
                precision=self.precision,
                mirrored=mirrored,
                kind="stages" if stages else "pooled",
            )

    def settings(self, strength: float | None = None) -> ProbeSettings:
        """How heads are solved."""
        weights = self.plan.strategy.class_weights
        return ProbeSettings(strength=strength, goal=self.plan.goal, class_weights=weights)

    def solve(self, table: FeatureTable, strength: float | None = None) -> Probe:
        """A head on all known items, its strength cross-validated where none is given."""
        indices = np.arange(len(self.known), dtype=np.int64)
        with self.clock.phase("heads"):
            return fit_probe(
                table,
                self.known.targets,
                indices=indices,
                folds=self.folds,
                settings=self.settings(strength),
                labels=len(self.dataset.labels),
            )


@dataclass(frozen=True)
class _Probes:
    """The views on pretrained features: their heads, and whether mirror images are averaged."""

    heads: dict[str, Probe]
    mirrored: bool
    pooled: FeatureTable


@dataclass
class _Evidence:
    """What the views said of items of held-out folds: items in order of the folds, and answers by view."""

    items: list[Indices] = field(default_factory=list)
    tuned: list[Probabilities] = field(default_factory=list)
    grids: dict[str, list[Grid]] = field(default_factory=lambda: {name: [] for name in NEW})
    first: Model | None = None


def combine(plan: Plan, dataset: Dataset, *, leaked: Indices | None = None, folder: Path | None = None) -> Outcome:
    """Carry out a plan that has a combination, on a data set whose parts are assigned and whose contents are hashed.

    The plan is completed by what the probes show (`choosing`), and written to `folder` before the network is trained.
    """
    study = _study(plan, dataset, folder)
    probes = _probe(study)
    plan = study.plan = _completed(study, probes)
    if folder is not None:
        plan.write(folder / "plan.json")
    combination = plan.combination or Combination()
    evidence = _gather(study, probes, combination) if combination.evidence else _Evidence()
    items = np.concatenate(evidence.items) if evidence.items else np.arange(len(study.known), dtype=np.int64)
    answers, strengths = _answers(study, probes, evidence, items)
    weights = blend_weights(
        list(answers.values()),
        study.known.targets[items],
        goal=plan.goal,
        most=1 if combination.single else None,
    )
    kept = {name: weight for name, weight in zip(answers, weights, strict=True) if weight > 0}
    networks, heads = _build(study, probes, evidence, kept, strengths)
    views = _views(probes, kept, strengths, len(networks))
    blended = sum(weight * answers[name] for name, weight in kept.items())
    known = np.asarray(blended, np.float32)
    record = ModelRecord(
        task=plan.task,
        labels=dataset.labels,
        multi_label=dataset.multi_label,
        networks=tuple(Network(card=network.card, architecture=network.architecture) for network in networks),
        views=views,
        input=plan.input,
        thresholds=choose_thresholds(plan.goal, known, study.known.targets[items]),
        precision=study.precision,
    )
    trained = TrainedModel(record, networks, heads)
    results = _results(study, answers, weights, strengths, items, probes)
    for line in results:
        say(_line(line, plan))
    return _outcome(study, trained, results, known=known, items=items, leaked=leaked)


def _study(plan: Plan, dataset: Dataset, folder: Path | None) -> _Study:
    clock, started = Clock(), time.monotonic()
    device = resolve_device(plan.device)
    task = TASKS[plan.task](multi_label=dataset.multi_label)
    with clock.phase("load"):
        model = execution.build(plan, task, len(dataset.labels))
    known = dataset.part(Part.TRAIN, Part.VALIDATION)
    folds = execution.folds_of(known)
    precision = resolve_precision(plan.precision, device)
    return _Study(plan, dataset, known, folds, task, model, device, precision, folder, clock, started)


def _probe(study: _Study) -> _Probes:
    """Probes on the pooled features with and without mirror images, and on those of several layers."""
    backbone, plan = study.model.backbone, study.plan
    stages = backbone.stage_width > 0
    choices = (False, True) if plan.mirrored is None else (plan.mirrored,)
    tables: dict[bool, FeatureTable] = {}
    for mirrored in sorted(choices, reverse=True):  # both views of a picture in one pass over them
        tables[mirrored] = study.table(backbone, mirrored=mirrored, stages=stages)
    width = backbone.width
    pooled = {mirrored: LastColumns(table, width) if stages else table for mirrored, table in tables.items()}
    found = {mirrored: study.solve(table) for mirrored, table in pooled.items()}
    mirrored = min(found, key=lambda choice: found[choice].log_loss)
    heads = {"probe": found[mirrored]}
    if stages and "stages" in (plan.combination or Combination()).candidates:
        heads["stages"] = study.solve(tables[mirrored])
    if len(found) == 2:
        losses = f"log loss {found[True].log_loss:.3f} with them against {found[False].log_loss:.3f} without"
        reason = Reason(choice="mirror images", value="averaged" if mirrored else "not used", why=losses)
        study.plan = plan.model_copy(update={"mirrored": mirrored, "reasons": (*plan.reasons, reason)})
    return _Probes(heads, mirrored, pooled[mirrored])


def _completed(study: _Study, probes: _Probes) -> Plan:
    """The plan with its fine-tuning decided, once and for all: a run that goes on reads it from its folder."""
    plan, known = study.plan, study.known
    if plan.combination is not None and plan.combination.pace:
        return plan
    best = max(probes.heads.values(), key=lambda head: -head.log_loss)
    counts = known.targets.sum(axis=0) if known.multi_label else np.bincount(known.targets)
    situation = Situation(items=len(known), classes=len(known.labels), card=study.model.backbone.card)
    with study.clock.phase("pace"):
        item = seconds_per_item(study.model, plan.strategy, facts=plan.input, device=study.device)
    shown = Shown(
        situation=situation,
        rarest=int(counts[counts > 0].min()),
        score=score(plan.goal, best.out_of_fold, known.targets),
        mirrored=probes.mirrored,
        item_seconds=item,
        pass_seconds=item / 3,
        spent=time.monotonic() - study.started,
    )
    completed = choose(plan, shown)
    for reason in completed.reasons[len(plan.reasons) :]:
        say(f"{reason.choice}: {reason.value} ({reason.why})")
    return completed


def _gather(study: _Study, probes: _Probes, combination: Combination) -> _Evidence:
    """Fine-tune without each of the first folds, and let what comes of it answer for the fold."""
    evidence = _Evidence()
    for fold in range(combination.evidence):
        test = np.flatnonzero(study.folds == fold).astype(np.int64)
        train = np.flatnonzero(study.folds != fold).astype(np.int64)
        if evidence.items and _late(study):
            study.notes.append(f"The clock left {combination.evidence - fold} of {combination.evidence} folds untried.")
            break
        say(f"evidence: fold {fold + 1} of {combination.evidence}")
        model = _fine_tuned(study, train, name=f"fold-{fold}")
        table = study.table(model.backbone, mirrored=probes.mirrored)
        evidence.items.append(test)
        evidence.tuned.append(_head_answers(study, model, table, test))
        for name in NEW:
            with study.clock.phase("heads"):
                grid = held_out_grid(
                    _table_for(name, probes, table),
                    study.known.targets,
                    train=train,
                    test=test,
                    settings=study.settings(),
                    labels=len(study.dataset.labels),
                )
            evidence.grids[name].append(grid)
        evidence.first = evidence.first or model
    return evidence


def _table_for(name: str, probes: _Probes, tuned: FeatureTable) -> FeatureTable:
    return SideBySide([probes.pooled, tuned]) if name == "together" else tuned


def _fine_tuned(study: _Study, train: Indices, *, name: str) -> Model:
    """The network trained on just these known items."""
    plan, known = study.plan, study.known
    parts = np.full(len(known), Part.TEST, np.int8)
    parts[train] = Part.TRAIN
    share = len(train) / len(known)
    steps = plan.strategy.steps
    strategy = plan.strategy.model_copy(update={"steps": None if steps is None else max(round(share * steps), 1)})
    folder = None if study.folder is None else study.folder / "training" / name
    with study.clock.phase("train"):
        return execution.train_only(
            plan.model_copy(update={"strategy": strategy, "combination": None}),
            replace(known, parts=parts),
            folder=folder,
            deadline=None if plan.budget is None else study.started + plan.budget,
        )


def _late(study: _Study) -> bool:
    budget = study.plan.budget
    return budget is not None and time.monotonic() - study.started > budget


@torch.inference_mode()
def _head_answers(study: _Study, model: Model, table: FeatureTable, items: Indices) -> Probabilities:
    from headstart.models.backbone import Features

    head = model.head.cpu().eval()
    answers: Probabilities = study.task.decode(head(Features(pooled=torch.from_numpy(table.rows(items))))).numpy()
    return answers


def _answers(
    study: _Study, probes: _Probes, evidence: _Evidence, items: Indices
) -> tuple[dict[str, Probabilities], dict[str, float]]:
    """What every view says of the items of the evidence, and the strengths of the heads that are solved."""
    answers = {name: head.out_of_fold[items] for name, head in probes.heads.items()}
    strengths = {name: head.strength for name, head in probes.heads.items()}
    if evidence.items:
        answers["tuned"] = np.concatenate(evidence.tuned)
        targets = [study.known.targets[part] for part in evidence.items]
        for name in NEW:
            strengths[name], answers[name] = best_strength(evidence.grids[name], targets, goal=study.plan.goal)
    return answers, strengths


def _build(
    study: _Study, probes: _Probes, evidence: _Evidence, kept: dict[str, float], strengths: dict[str, float]
) -> tuple[tuple[Backbone, ...], tuple[nn.Module, ...]]:
    """The networks and the heads of the views that are kept."""
    combination = study.plan.combination or Combination()
    pretrained, labels = study.model.backbone, len(study.dataset.labels)
    tuned: Model | None = None
    if kept.keys() & {"tuned", *NEW}:
        everything = np.arange(len(study.known), dtype=np.int64)
        tuned = _fine_tuned(study, everything, name="all") if combination.retrain else evidence.first
    table = None if tuned is None else study.table(tuned.backbone, mirrored=probes.mirrored)
    heads: list[nn.Module] = []
    for name in kept:
        if name == "tuned":
            assert tuned is not None
            heads.append(tuned.head.cpu().eval())
            continue
        probe = probes.heads.get(name)
        if probe is None:
            assert table is not None
            probe = study.solve(_table_for(name, probes, table), strengths[name])
        head = study.task.linear_head(probe.weight.shape[1], labels)
        head.load_state_dict({f"linear.{key}": value for key, value in probe_head(probe).items()})
        heads.append(head.eval())
    networks = [pretrained] if tuned is None else [tuned.backbone.cpu()]
    if tuned is not None and kept.keys() & {"probe", "stages", "together"}:
        networks.insert(0, pretrained)
    for network in networks:
        network.eval()
    return tuple(networks), tuple(heads)


def _views(probes: _Probes, kept: dict[str, float], strengths: dict[str, float], networks: int) -> tuple[View, ...]:
    last = networks - 1
    places = {"probe": (0,), "stages": (0,), "tuned": (last,), "refit": (last,), "together": (0, last)}
    return tuple(
        View(
            name=name,
            networks=places[name],
            stages=name == "stages",
            mirrored=probes.mirrored,
            weight=weight,
            strength=strengths.get(name),
        )
        for name, weight in kept.items()
    )


def _results(
    study: _Study,
    answers: dict[str, Probabilities],
    weights: tuple[float, ...],
    strengths: dict[str, float],
    items: Indices,
    probes: _Probes,
) -> tuple[ViewResult, ...]:
    targets = study.known.targets[items]
    combination = study.plan.combination or Combination()
    milliseconds = 1000 * combination.pace["pass_seconds"] if combination.pace else None

    def result(name: str, weight: float) -> ViewResult:
        passes = (2 if name == "together" else 1) * (2 if probes.mirrored else 1)
        return ViewResult(
            name=name,
            score=score(study.plan.goal, answers[name], targets),
            log_loss=-score(LOG_LOSS, answers[name], targets),
            weight=weight,
            passes=passes,
            milliseconds=None if milliseconds is None else round(passes * milliseconds, 2),
            mirrored=probes.mirrored,
            strength=strengths.get(name),
        )

    return tuple(result(name, weight) for name, weight in zip(answers, weights, strict=True))


def _line(view: ViewResult, plan: Plan) -> str:
    share = f"weight {view.weight:.2f}" if view.weight else "not kept"
    metric = plan.goal.metric.replace("_", " ")
    return f"view {view.name}: {metric} {view.score:.4f}, log loss {view.log_loss:.4f}, {share}"


def _outcome(
    study: _Study,
    trained: TrainedModel,
    results: tuple[ViewResult, ...],
    *,
    known: Probabilities,
    items: Indices,
    leaked: Indices | None,
) -> Outcome:
    plan, dataset = study.plan, study.dataset
    held_out, name = dataset.part(Part.TEST), evaluation.held_out_name(dataset)
    with study.clock.phase("evaluate"):
        probabilities = prediction.probabilities(trained, held_out, device=study.device)
        test = (
            evaluation.measured(trained.record, probabilities, held_out, part=name, leaked=leaked)
            if len(held_out)
            else None
        )
    seconds = study.clock.seconds
    record = RunRecord(
        plan=plan,
        labels=dataset.labels,
        items={part.name.lower(): len(dataset.indices(part)) for part in (Part.TRAIN, Part.VALIDATION, Part.TEST)},
        held_out=name,
        parameters=sum(parameter.numel() for parameter in trained.module().parameters()),
        trained_parameters=execution.trained_parameters(trained, pretrained=study.model.backbone),
        views=results,
        validation=evaluation.measured(
            trained.record, known, study.known.take(items), part="held-out folds of the training data"
        ),
        test=test,
        seconds={**seconds, "total": time.monotonic() - study.started},
        environment=environment(study.device, study.precision),
        data_fingerprint=fingerprint(dataset),
        notes=tuple(study.notes),
    )
    return Outcome(trained, record, probabilities)
