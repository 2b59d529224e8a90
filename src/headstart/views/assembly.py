"""Views that were chosen -> the networks and heads of one saved model."""

from __future__ import annotations

import numpy as np
from torch import nn

from headstart.core.view import View, ViewResult
from headstart.features.probe import probe_head
from headstart.features.table import FeatureTable
from headstart.features.words_probe import WordsProbe
from headstart.metrics.blending import LOG_LOSS
from headstart.metrics.goal import score
from headstart.models.backbone import Backbone
from headstart.tasks.task import Model
from headstart.views import VIEWS
from headstart.views.collapse import collapsed
from headstart.views.evidence import Evidence, Probes, tuned_table
from headstart.views.study import Study, features_of


def assemble(
    study: Study, probes: Probes, evidence: Evidence, kept: dict[str, float]
) -> tuple[tuple[Backbone, ...], tuple[nn.Module, ...], tuple[View, ...]]:
    """Networks, heads and views of the kept views with their weights; heads are solved on all known items."""
    kinds = {name: VIEWS[name] for name in kept}
    tables = {"pretrained": probes.table}
    tuned: Model | None = None
    if any(kind.needs_tuned for kind in kinds.values()):
        tuned, tables["tuned"] = _final_network(study, probes, evidence)
    places = _places(study, tuned, {name for kind in kinds.values() for name in kind.networks})
    heads, views = [], []
    for name, kind in kinds.items():
        heads.append(_head(study, probes, evidence, name, tables, tuned).eval())
        views.append(
            View(
                name=name,
                networks=tuple(places[network][0] for network in kind.networks),
                stages=kind.stages,
                mirrored=probes.mirrored and bool(kind.networks),
                weight=kept[name],
                strength=evidence.strengths.get(name),
            )
        )
    networks = tuple(network for _, network in sorted(places.values(), key=lambda entry: entry[0]))
    return networks, tuple(heads), tuple(views)


def _head(
    study: Study,
    probes: Probes,
    evidence: Evidence,
    name: str,
    tables: dict[str, FeatureTable],
    tuned: Model | None,
) -> nn.Module:
    """The head of one view: the one trained with its network, or one solved on all known items."""
    kind = VIEWS[name]
    if not kind.solved:
        assert tuned is not None
        return tuned.head.cpu()
    solved = probes.heads.get(name)
    if isinstance(solved, WordsProbe):
        return solved.head
    if solved is None:
        solved = study.solve(features_of(kind, tables, study.model.backbone), evidence.strengths[name])
    head = study.task.linear_head(solved.weight.shape[1], study.labels)
    head.load_state_dict({f"linear.{key}": value for key, value in probe_head(solved).items()})
    return head


def results(study: Study, probes: Probes, evidence: Evidence, weights: dict[str, float]) -> tuple[ViewResult, ...]:
    """What every candidate said of the items of the evidence, what it counts for and what it costs at prediction."""
    targets = study.known.targets[evidence.items]
    pace = study.combination.pace.get("pass_seconds")

    def one(name: str, weight: float) -> ViewResult:
        passes = len(VIEWS[name].networks) * (2 if probes.mirrored else 1)
        return ViewResult(
            name=name,
            score=score(study.plan.goal, evidence.answers[name], targets),
            log_loss=-score(LOG_LOSS, evidence.answers[name], targets),
            weight=weight,
            passes=passes,
            milliseconds=None if pace is None else round(1000 * passes * pace, 2),
            mirrored=probes.mirrored,
            strength=evidence.strengths.get(name),
        )

    return tuple(one(name, weight) for name, weight in weights.items())


def _final_network(study: Study, probes: Probes, evidence: Evidence) -> tuple[Model, FeatureTable]:
    """The network fine-tuned on all known items, or where that cannot be relied on, without the first fold.

    Nor can it where there is no time: a training that the clock breaks off gives a network that is not what the
    evidence speaks of. With it come its features of the known items.
    """

    def with_features(model: Model) -> tuple[Model, FeatureTable]:
        return model, tuned_table(study, model, mirrored=probes.mirrored)

    first = evidence.first
    if first is not None and not study.combination.retrain:
        return with_features(first)
    why = "The budget was used up"
    if first is None or not study.late():
        model = study.fine_tuned(np.arange(len(study.known), dtype=np.int64), name="all")
        if first is None:
            return with_features(model)
        if not study.late():
            found = with_features(model)
            if not collapsed(study, evidence, *found):
                return found
            why = "The training on all items went astray: it predicts them worse than networks that had not seen them"
    study.notes.append(f"{why}. The network that is kept was fine-tuned without the first fold.")
    return with_features(first)


def _places(study: Study, tuned: Model | None, used: set[str]) -> dict[str, tuple[int, Backbone]]:
    """The place of each network that is used in the saved model, and the network."""
    there: dict[str, Backbone] = {}
    if "pretrained" in used or tuned is None:  # a bag of words alone: the run still is a model to start from
        there["pretrained"] = study.model.backbone
    if tuned is not None:
        there["tuned"] = tuned.backbone
    return {name: (place, network.cpu().eval()) for place, (name, network) in enumerate(there.items())}
