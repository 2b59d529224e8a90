"""What all views of a run share: the items to learn from, the pretrained network, and how heads are solved."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import numpy as np
from torch import Tensor

from headstart import execution
from headstart.choosing import RESERVE
from headstart.core.clock import Clock
from headstart.core.dataset import Dataset, Indices, Part
from headstart.core.runtime import Precision, resolve_device, resolve_precision
from headstart.core.strategy import Combination, Plan, Strategy
from headstart.data.text import text_of
from headstart.features.extract import extract
from headstart.features.probe import Probe, ProbeSettings, fit_probe, probe_head
from headstart.features.rounding import precision_for
from headstart.features.table import FeatureTable, LastColumns, SideBySide
from headstart.features.training_probe import folds_of
from headstart.features.words_probe import Wanted, WordsProbe, fit_words
from headstart.methods.linear_probe import solver_for
from headstart.models.backbone import Backbone
from headstart.tasks import TASKS
from headstart.tasks.building import build
from headstart.tasks.task import Model, Task
from headstart.views import VIEWS
from headstart.views.kind import Kind


@dataclass
class Study:
    """One combination being worked out. `known` are the items outside the test part, `folds` (N,) theirs.

    `frozen` is the precision of the pretrained network's features, `precision` that of networks that are trained.

    `pretrained` are their features by the pretrained network, once they are there, and `pass_seconds` is how long one
    of them took to be computed, where any was.
    """

    plan: Plan
    dataset: Dataset
    known: Dataset
    folds: Indices
    task: Task
    model: Model
    device: str
    precision: Precision
    frozen: Precision
    folder: Path | None
    pretrained: FeatureTable | None = None
    pass_seconds: float | None = None
    clock: Clock = field(default_factory=Clock)
    started: float = field(default_factory=time.monotonic)
    notes: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, plan: Plan, dataset: Dataset, folder: Path | None, *, begun: float | None = None) -> Study:
        """Load the network of the plan and set the folds; the run began at `begun` on the monotonic clock, or now."""
        clock, started = Clock.since(begun)
        device = resolve_device(plan.device)
        task = TASKS[plan.task](multi_label=dataset.multi_label)
        with clock.phase("load"):
            model = build(plan, task, len(dataset.labels))
        known = dataset.part(Part.TRAIN, Part.VALIDATION)
        folds = folds_of(known)
        precision = resolve_precision(plan.precision, device)
        with clock.phase("load"):
            frozen = precision_for(model.backbone, plan, frozen=True, device=device)
        return cls(
            plan, dataset, known, folds, task, model, device, precision, frozen, folder, clock=clock, started=started
        )

    @property
    def combination(self) -> Combination:
        """The plan's."""
        return self.plan.combination or Combination()

    @property
    def labels(self) -> int:
        """How many there are."""
        return len(self.dataset.labels)

    def kinds(self, *, tuned: bool) -> dict[str, Kind]:
        """The candidates that need the fine-tuned network, or those that do not, as far as the network has stages."""
        there = {name: VIEWS[name] for name in self.combination.candidates if VIEWS[name].needs_tuned == tuned}
        there = {name: kind for name, kind in there.items() if len(kind.networks) <= self.combination.most_networks}
        if tuned and self.solver == "ridge":  # so many items that heads on trained features gain nothing any more
            there = {name: kind for name, kind in there.items() if not kind.solved}
        return {name: kind for name, kind in there.items() if self.model.backbone.stage_width or not kind.stages}

    @property
    def solver(self) -> Literal["logistic", "ridge"]:
        """How heads are solved: as a linear probe of so many items and classes is."""
        return solver_for(items=len(self.known), classes=self.labels)

    def late(self) -> bool:
        """Whether the budget is used up."""
        budget = self.plan.budget
        return budget is not None and time.monotonic() - self.started > budget

    def short_of(self, passes: int) -> bool:
        """Whether the budget, as far as it may be planned for, ends before so many more items are answered."""
        if self.plan.budget is None or self.pass_seconds is None:
            return False
        return time.monotonic() - self.started + passes * self.pass_seconds > RESERVE * self.plan.budget

    def settings(self, strength: float | None = None) -> ProbeSettings:
        """How heads are solved."""
        weights = self.plan.strategy.class_weights
        return ProbeSettings(solver=self.solver, strength=strength, goal=self.plan.goal, class_weights=weights)

    def table(self, backbone: Backbone, *, mirrored: bool, stages: bool) -> FeatureTable:
        """Features of the known items: of several layers, or the pooled ones."""
        with self.clock.phase("features"):
            return extract(
                self.known,
                backbone,
                input=self.plan.input,
                device=self.device,
                precision=self.precision_of(backbone),
                mirrored=mirrored,
                kind="stages" if stages else "pooled",
            )

    def precision_of(self, backbone: Backbone) -> Precision:
        """The one that this network computes in."""
        return self.frozen if backbone is self.model.backbone else self.precision

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
                labels=self.labels,
            )

    def solve_words(self) -> WordsProbe:
        """A bag of words on all known items, its strength cross-validated."""
        texts = [text_of(self.known.inputs.read(index)) for index in range(len(self.known))]
        wanted = Wanted(self.known.targets, self.labels, self.plan.strategy.class_weights)
        with self.clock.phase("words"):
            return fit_words(texts, wanted, folds=self.folds, goal=self.plan.goal)

    def fine_tuned(self, train: Indices, *, name: str, strategy: Strategy | None = None) -> Model:
        """The network trained on just these known items, for the share of the steps that they are.

        The strategy is the plan's where none is given.
        """
        plan, known = self.plan, self.known
        strategy = strategy or plan.strategy
        parts = np.full(len(known), Part.TEST, np.int8)
        parts[train] = Part.TRAIN
        steps = strategy.steps
        fewer = None if steps is None else max(round(steps * len(train) / len(known)), 1)
        strategy = strategy.model_copy(update={"steps": fewer})
        pretrained = self.pretrained if strategy.start == "probe" else None
        probe = None if pretrained is None else self.start(train, pretrained)
        with self.clock.phase("train"):
            model, notes = execution.train_only(
                plan.model_copy(update={"strategy": strategy, "combination": None}),
                replace(known, parts=parts),
                probe=probe,
                folder=None if self.folder is None else self.folder / "training" / name,
                deadline=None if plan.budget is None else self.started + plan.budget,
            )
        self.notes += [f"{name}: {note}" for note in notes]
        return model

    def start(self, train: Indices, pretrained: FeatureTable) -> dict[str, Tensor]:
        """The head that a training on these items starts from: their own probe, on features that are there already.

        `linear.weight` is (C, D) and `linear.bias` (C,), for raw features.
        """
        known = self.known.take(train)
        with self.clock.phase("heads"):
            probe = fit_probe(
                features_of(VIEWS["probe"], {"pretrained": pretrained}, self.model.backbone),
                known.targets,
                indices=train,
                folds=folds_of(known),
                settings=self.settings(),
                labels=self.labels,
            )
        return {f"linear.{name}": value for name, value in probe_head(probe).items()}


def features_of(kind: Kind, tables: dict[str, FeatureTable], backbone: Backbone) -> FeatureTable:
    """The features that a view of this kind takes, out of each network's table; `backbone` tells pooled from stages."""
    chosen = [tables[name] for name in kind.networks]
    if not kind.stages:
        chosen = [LastColumns(table, backbone.width) if table.width > backbone.width else table for table in chosen]
    return SideBySide(chosen) if len(chosen) > 1 else chosen[0]
