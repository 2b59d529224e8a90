"""A plan with a combination and a data set -> views measured on items they have not seen, the best of them averaged.

On each of four measured sets one view beats both a frozen probe and a careful fine-tuning, and it is not the same view
(docs/strategies.md). Test items take part in nothing but the last evaluation.
"""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from torch import nn

from headstart import evaluation, prediction
from headstart.artefact import TrainedModel
from headstart.choosing import Shown, area, choose, fine_tuning
from headstart.core.console import say
from headstart.core.dataset import Dataset, Indices, Part
from headstart.core.modality import modality_of, noun
from headstart.core.run_record import ModelRecord
from headstart.core.strategy import Plan, Reason
from headstart.core.view import Network, ViewResult
from headstart.execution import Outcome
from headstart.features.preparation import preparation_of
from headstart.features.unfitting import shares, unfitting
from headstart.methods.method import Situation
from headstart.metrics.goal import score
from headstart.metrics.temperature import choose_temperature, tempered
from headstart.metrics.threshold import choose_thresholds
from headstart.models.backbone import Backbone
from headstart.pacing import training_seconds
from headstart.recording import recorded
from headstart.searching import search
from headstart.views.assembly import assemble, results
from headstart.views.evidence import Evidence, Probabilities, Probes, gather, probe
from headstart.views.study import Study
from headstart.views.weighing import view_weights

HEADS_SHARE = 0.5
"""Of the time that the heads on pretrained features took, what those of one fine-tuned network take. Not measured."""


def combine(
    plan: Plan,
    dataset: Dataset,
    *,
    leaked: Indices | None = None,
    folder: Path | None = None,
    begun: float | None = None,
) -> Outcome:
    """Carry out a plan that has a combination, on a data set whose parts are assigned and whose contents are hashed.

    The plan is completed by what the probes show (`choosing`), and written to `folder` before the network is trained.
    The budget counts from `begun` on the monotonic clock, or from now.
    """
    study = Study.of(plan, dataset, folder, begun=begun)
    ledger = unfitting(dataset, study.model.backbone, plan.input)
    probes = probe(study)
    _complete(study, probes)
    evidence = gather(study, probes)
    targets = study.known.targets[evidence.items]
    weights = view_weights(evidence.answers, targets, goal=plan.goal, combination=study.combination)
    tried = results(study, probes, evidence, weights)
    for view in tried:
        say(_line(view, study.plan))
    kept = {name: weight for name, weight in weights.items() if weight > 0}
    networks, heads, views = assemble(study, probes, evidence, kept)
    blended = np.asarray(sum(weight * evidence.answers[name] for name, weight in kept.items()), np.float32)
    temperature = choose_temperature(blended, targets)
    blended = tempered(blended, temperature, multi_label=dataset.multi_label)
    record = ModelRecord(
        task=plan.task,
        labels=dataset.labels,
        multi_label=dataset.multi_label,
        networks=tuple(
            Network(card=network.card, architecture=network.architecture, precision=study.precision_of(network))
            for network in networks
        ),
        views=views,
        input=plan.input,
        thresholds=choose_thresholds(plan.goal, blended, targets),
        temperature=temperature,
        precision=study.precision,
        pairs=dataset.pairs,
    )
    outcome = _outcome(study, TrainedModel(record, networks, heads), tried, evidence, blended=blended, leaked=leaked)
    notes = (*outcome.record.notes, *shares(ledger, dataset))
    return replace(outcome, record=outcome.record.model_copy(update={"notes": notes}), ledger=ledger)


def _complete(study: Study, probes: Probes) -> None:
    """Decide the fine-tuning, once and for all: a run that is taken up again has it in its folder."""
    plan = study.plan
    if not study.combination.pace and all(reason.choice != "fine-tuning" for reason in plan.reasons):
        reasons = [_mirror_reason(probes)] if probes.other_log_loss is not None else []
        plan = plan.model_copy(update={"mirrored": probes.mirrored, "reasons": (*plan.reasons, *reasons)})
        _settle(study, choose(plan, _shown(study, probes, plan)))
    if study.combination.search and not study.combination.setting:
        _settle(study, search(study, probes, _shown(study, probes, study.plan)))


def _settle(study: Study, plan: Plan) -> None:
    """Make it the plan, say what is new in it, and keep it."""
    said = set(study.plan.reasons)
    for reason in plan.reasons:
        if reason not in said:
            say(f"{reason.choice}: {reason.value} ({reason.why})")
    study.plan = plan
    if study.folder is not None:
        plan.write(study.folder / "plan.json")


def _shown(study: Study, probes: Probes, plan: Plan) -> Shown:
    """What is known after the probes; the pace and the time that it took are those that the plan has, if it does."""
    known, pace = study.known, study.combination.pace
    best = min(probes.heads.values(), key=lambda head: head.log_loss)
    counts = known.targets.sum(axis=0) if known.multi_label else np.bincount(known.targets)
    seen = study.model.backbone.card.model_copy(update={"input": plan.input})
    situation = Situation(items=len(known), classes=study.labels, card=seen)
    if not pace:
        seconds = 0.0  # what gives no gradient is not trained, and has no pace
        if "gradient" in seen.gives:
            strategy, _ = fine_tuning(plan, situation, mirrored=probes.mirrored)
            tried = plan.model_copy(update={"strategy": strategy})
            with study.clock.phase("pace"):
                seconds = training_seconds(tried, study.model, study.task, known, device=study.device)
            seconds /= area(strategy, situation)
        looks = (2 if probes.mirrored else 1) * len(study.dataset.indices(Part.TEST))
        # Of a step, two thirds are backward. Both are too much: the forward pass of a training is a slow one, and with
        # few items the start of a pass counts. Where all features were in the cache, nothing was measured.
        of_step = seconds / 3 * preparation_of(study.model.backbone, plan.input).passes(known.inputs)
        whole = of_step if study.pass_seconds is None else min(of_step, study.pass_seconds)
        pace = {
            "item_seconds": seconds,
            "spent": time.monotonic() - study.started,
            "pass_seconds": whole,
            "looking": looks * whole,
            "heads": HEADS_SHARE * study.clock.seconds.get("heads", 0.0),
        }
    return Shown(
        situation=situation,
        rarest=min(int(counts[counts > 0].min()), len(np.unique(study.folds))),
        score=score(plan.goal, best.out_of_fold, known.targets),
        mirrored=probes.mirrored,
        item_seconds=pace["item_seconds"],
        pass_seconds=pace["pass_seconds"],
        spent=pace["spent"],
        looking=pace.get("looking", 0.0),
        heads=pace.get("heads", 0.0),
    )


def _mirror_reason(probes: Probes) -> Reason:
    log_loss, other = probes.heads["probe"].log_loss, probes.other_log_loss
    assert other is not None
    with_them, without = (log_loss, other) if probes.mirrored else (other, log_loss)
    why = f"the probe's log loss is {with_them:.3f} with them and {without:.3f} without"
    if not probes.mirrored and with_them < without:
        why += ", but the budget has no time to ask each held-out item twice"
    return Reason(choice="mirror images", value="averaged" if probes.mirrored else "not used", why=why)


def _line(view: ViewResult, plan: Plan) -> str:
    share = f"weight {view.weight:.2f}" if view.weight else "not kept"
    metric = plan.goal.metric.replace("_", " ")
    cost = "" if view.milliseconds is None else f", {view.milliseconds:.0f} ms a {noun(modality_of(plan.task))}"
    return f"view {view.name}: {metric} {view.score:.4f}, log loss {view.log_loss:.4f}{cost}, {share}"


def _outcome(
    study: Study,
    trained: TrainedModel,
    tried: tuple[ViewResult, ...],
    evidence: Evidence,
    *,
    blended: Probabilities,
    leaked: Indices | None,
) -> Outcome:
    dataset = study.dataset
    held_out, name = dataset.part(Part.TEST), evaluation.held_out_name(dataset)
    with study.clock.phase("evaluate"):
        probabilities = prediction.probabilities(trained, held_out, device=study.device)
        test = evaluation.measured(trained.record, probabilities, held_out, part=name, leaked=leaked)
    known = study.known.take(evidence.items)
    checked = evaluation.measured(trained.record, blended, known, part="folds that the choice was made on")
    record = recorded(
        study.plan,
        dataset,
        device=study.device,
        precision=study.precision,
        parameters=sum(parameter.numel() for parameter in trained.module().parameters()),
        trained_parameters=_trained_parameters(trained, pretrained=study.model.backbone),
        views=tried,
        validation=checked,
        test=test,
        seconds={**study.clock.seconds, "total": time.monotonic() - study.started},
        notes=tuple(study.notes),
    )
    return Outcome(trained, record, probabilities)


def _trained_parameters(trained: TrainedModel, *, pretrained: Backbone) -> int:
    """How many numbers of a model were learnt here: its heads, and the networks that are not the pretrained one."""
    parts: list[nn.Module] = [*trained.heads, *(network for network in trained.networks if network is not pretrained)]
    return sum(parameter.numel() for part in parts for parameter in part.parameters())
