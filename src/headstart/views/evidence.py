"""What views say of items that have trained nothing they are made of.

Heads on pretrained features are cross-validated. Whatever a fine-tuned network has a part in answers for folds that a
fine-tuning of its own has not seen: on items that trained the network, every head would look good.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import torch

from headstart.core.console import say
from headstart.core.dataset import Indices
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


@dataclass
class _Folds:
    items: list[Indices] = field(default_factory=list)
    trained: dict[str, list[Probabilities]] = field(default_factory=dict)
    grids: dict[str, list[Grid]] = field(default_factory=dict)
    first: Model | None = None


def probe(study: Study) -> Probes:
    """Probes on the pretrained features, with or without mirror images: as the log loss of the pooled one is lower."""
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
    folds = _fine_tune_folds(study, probes)
    everything = np.arange(len(study.known), dtype=np.int64)
    items = np.concatenate(folds.items) if folds.items else everything
    answers = {name: head.out_of_fold[items] for name, head in probes.heads.items()}
    strengths = {name: head.strength for name, head in probes.heads.items()}
    targets = [study.known.targets[part] for part in folds.items]
    for name, parts in folds.trained.items():
        answers[name] = np.concatenate(parts)
    for name, grids in folds.grids.items():
        strengths[name], answers[name] = best_strength(grids, targets, goal=study.plan.goal)
    return Evidence(items, answers, strengths, folds.first)


def tuned_table(study: Study, model: Model, *, mirrored: bool) -> FeatureTable:
    """Features of the known items by a fine-tuned network, of several layers where a candidate wants them."""
    stages = any(kind.stages for kind in study.kinds(tuned=True).values())
    return study.table(model.backbone, mirrored=mirrored, stages=stages)


def _fine_tune_folds(study: Study, probes: Probes) -> _Folds:
    found = _Folds()
    # Where the pictures come in few groups, there are fewer folds than the plan may say.
    wanted = min(study.combination.evidence, len(np.unique(study.folds)))
    for fold in range(wanted):
        if found.items and study.late():
            study.notes.append(f"The budget was used up after {fold} of {wanted} folds of evidence.")
            break
        say(f"evidence: fold {fold + 1} of {wanted}")
        test = np.flatnonzero(study.folds == fold).astype(np.int64)
        train = np.flatnonzero(study.folds != fold).astype(np.int64)
        model = study.fine_tuned(train, name=f"fold-{fold}")
        tables = {"pretrained": probes.table, "tuned": tuned_table(study, model, mirrored=probes.mirrored)}
        found.items.append(test)
        found.first = found.first or model
        for name, kind in study.kinds(tuned=True).items():
            table = features_of(kind, tables, model.backbone)
            if kind.solved:
                found.grids.setdefault(name, []).append(_grid(study, table, train=train, test=test))
            else:
                found.trained.setdefault(name, []).append(own_answers(study, model, table.rows(test)))
    return found


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
