"""What views say of items that have trained nothing they are made of.

Heads on pretrained features are cross-validated. Whatever a fine-tuned network has a part in answers for folds that a
fine-tuning of its own has not seen: on items that trained the network, every head would look good.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import torch

from headstart.core.console import say
from headstart.core.dataset import Indices, Part
from headstart.features.held_out import Grid, best_strength, held_out_grid
from headstart.features.probe import Probe
from headstart.features.table import FeatureTable
from headstart.features.words_probe import WordsProbe
from headstart.models.backbone import Features
from headstart.tasks.task import Model
from headstart.views import VIEWS
from headstart.views.study import Study, features_of

Probabilities = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Probes:
    """The views on pretrained features: their heads, whether mirror images are averaged, and the features."""

    heads: dict[str, Probe | WordsProbe]
    mirrored: bool
    table: FeatureTable
    other_log_loss: float | None = None


@dataclass
class Evidence:
    """Answers for `items`, places among the known items, by view; `strengths` are those of solved heads.

    `first` is the network that was fine-tuned without the first fold.
    """

    items: Indices
    answers: dict[str, Probabilities]
    strengths: dict[str, float]
    first: Model | None = None


@dataclass(frozen=True)
class Fold:
    """What comes of a fine-tuning without the items of one fold: the network, and what its views say of these items.

    `trained` are answers of the head that was trained with the network, `grids` of solved heads, by strength.
    """

    items: Indices
    model: Model | None
    trained: dict[str, Probabilities]
    grids: dict[str, Grid]


def probe(study: Study) -> Probes:
    """Probes on the pretrained features, with or without mirror images: as the log loss of the pooled one is lower.

    Where the budget has no time to ask each held-out item twice, without them.
    """
    backbone = study.model.backbone
    kinds = study.kinds(tuned=False)
    stages = any(kind.stages for kind in kinds.values())
    choices = (True, False) if study.plan.mirrored is None else (study.plan.mirrored,)
    # With mirror images first: one pass over the pictures then gives both.
    tables = {mirrored: study.table(backbone, mirrored=mirrored, stages=stages) for mirrored in choices}
    study.pass_seconds = next((each.pass_seconds for each in tables.values() if each.pass_seconds is not None), None)
    found = {
        mirrored: study.solve(features_of(VIEWS["probe"], {"pretrained": table}, backbone))
        for mirrored, table in tables.items()
    }
    mirrored = min(found, key=lambda choice: found[choice].log_loss)
    if mirrored and len(found) == 2 and study.short_of(2 * len(study.dataset.indices(Part.TEST))):
        mirrored = False
    table = study.pretrained = tables[mirrored]
    heads: dict[str, Probe | WordsProbe] = {"probe": found[mirrored]} if "probe" in kinds else {}
    for name, kind in kinds.items():
        if kind.words:
            heads[name] = study.solve_words()
        elif name != "probe":
            heads[name] = study.solve(features_of(kind, {"pretrained": table}, backbone))
    other = found[not mirrored].log_loss if len(found) == 2 else None
    return Probes(heads, mirrored, table, other)


def gather(study: Study, probes: Probes) -> Evidence:
    """Everything that the plan's candidates say of items they have not seen."""
    folds: list[Fold] = []
    # Where the pictures come in few groups, there are fewer folds than the plan may say.
    wanted = min(study.combination.evidence, len(np.unique(study.folds)))
    for fold in range(wanted):
        if folds and study.late():
            study.notes.append(f"The budget was used up after {fold} of {wanted} folds of evidence.")
            break
        say(f"evidence: fold {fold + 1} of {wanted}")
        found = without(study, probes, fold)
        folds.append(replace(found, model=None) if folds else found)  # of the networks, the first may be kept
    return joined(study, probes, folds)


def without(study: Study, probes: Probes, fold: int) -> Fold:
    """The network fine-tuned without the items of this fold, and what it says of them."""
    test = np.flatnonzero(study.folds == fold).astype(np.int64)
    train = np.flatnonzero(study.folds != fold).astype(np.int64)
    model = study.fine_tuned(train, name=f"fold-{fold}")
    tables = {"pretrained": probes.table, "tuned": tuned_table(study, model, mirrored=probes.mirrored)}
    kinds = study.kinds(tuned=True)
    features = {name: features_of(kind, tables, model.backbone) for name, kind in kinds.items()}
    trained = {
        name: own_answers(study, model, features[name].rows(test)) for name, kind in kinds.items() if not kind.solved
    }
    grids = {name: _grid(study, features[name], train=train, test=test) for name, kind in kinds.items() if kind.solved}
    return Fold(test, model, trained, grids)


def joined(study: Study, probes: Probes, folds: Sequence[Fold]) -> Evidence:
    """The evidence of these folds, with that of the pretrained features; without a fold, of these alone."""
    everything = np.arange(len(study.known), dtype=np.int64)
    items = np.concatenate([fold.items for fold in folds]) if folds else everything
    answers = {name: head.out_of_fold[items] for name, head in probes.heads.items()}
    strengths = {name: head.strength for name, head in probes.heads.items()}
    targets = [study.known.targets[fold.items] for fold in folds]
    for name in folds[0].trained if folds else ():
        answers[name] = np.concatenate([fold.trained[name] for fold in folds])
    for name in folds[0].grids if folds else ():
        strengths[name], answers[name] = best_strength(
            [fold.grids[name] for fold in folds], targets, goal=study.plan.goal
        )
    return Evidence(items, answers, strengths, folds[0].model if folds else None)


def tuned_table(study: Study, model: Model, *, mirrored: bool) -> FeatureTable:
    """Features of the known items by a fine-tuned network, of several layers where a candidate wants them."""
    stages = any(kind.stages for kind in study.kinds(tuned=True).values())
    return study.table(model.backbone, mirrored=mirrored, stages=stages)


def _grid(study: Study, table: FeatureTable, *, train: Indices, test: Indices) -> Grid:
    with study.clock.phase("heads"):
        return held_out_grid(
            table, study.known.targets, train=train, test=test, settings=study.settings(), labels=study.labels
        )


@torch.inference_mode()
def own_answers(study: Study, model: Model, rows: npt.NDArray[np.float32]) -> Probabilities:
    """What the head that was trained with the network says of features."""
    head = model.head.cpu().eval()
    answers: Probabilities = study.task.decode(head(Features(pooled=torch.from_numpy(rows)))).numpy()
    return answers
