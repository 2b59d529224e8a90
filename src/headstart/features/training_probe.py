"""The linear probe of a network on just the items that a training may see: where it starts, and its floor."""

from __future__ import annotations

import numpy as np
import torch

from headstart.core.card import ModelInput
from headstart.core.dataset import Dataset, Indices
from headstart.core.runtime import Precision
from headstart.core.strategy import Plan
from headstart.data.folds import cross_validation_folds
from headstart.features.extract import extract
from headstart.features.probe import Probe, ProbeSettings, fit_probe, probe_head
from headstart.features.unit_length import unit_length_head
from headstart.features.words_probe import Wanted
from headstart.methods.linear_probe import solver_for
from headstart.models.backbone import Backbone

FOLDS = 5


def training_probe(
    training: Dataset,
    backbone: Backbone,
    *,
    input: ModelInput,
    device: str,
    precision: Precision,
    settings: ProbeSettings,
    mirrored: bool = False,
) -> Probe:
    """The probe on the features of all items of the data set, its strength cross-validated among them.

    With `mirrored`, the features are the mean of a picture's and those of its mirror image.
    """
    table = extract(training, backbone, input=input, device=device, precision=precision, mirrored=mirrored)
    return fit_probe(
        table,
        training.targets,
        indices=np.arange(len(training), dtype=np.int64),
        folds=folds_of(training),
        settings=settings,
        labels=len(training.labels),
    )


def solved_head(
    plan: Plan, training: Dataset, backbone: Backbone, *, device: str, precision: Precision
) -> dict[str, torch.Tensor]:
    """The state of a linear layer that is solved on the features of a body as it is now.

    As `linear-probe` does it; after a contrast, on features of length 1 with the strength that the strategy gives.
    """
    facts, mirrored, strategy, labels = plan.input, bool(plan.mirrored), plan.strategy, len(training.labels)
    if strategy.contrast is not None:
        table = extract(training, backbone, input=facts, device=device, precision=precision, mirrored=mirrored)
        rows = table.rows(np.arange(len(training), dtype=np.int64))
        wanted = Wanted(training.targets, labels, strategy.class_weights)
        return unit_length_head(rows, wanted, strength=strategy.strength or 1.0)
    solver = solver_for(items=len(training), classes=labels)
    probe = training_probe(
        training,
        backbone,
        input=facts,
        device=device,
        precision=precision,
        settings=ProbeSettings(solver=solver, goal=plan.goal, class_weights=strategy.class_weights),
        mirrored=mirrored,
    )
    return probe_head(probe)


def folds_of(known: Dataset, *, most: int = FOLDS) -> Indices:
    """At most five folds, fewer where a class has fewer pictures or there are fewer groups: the same every time."""
    known = known.simplified()
    assert known.content is not None
    counts = known.targets.sum(axis=0) if known.multi_label else np.bincount(known.targets, minlength=len(known.labels))
    rarest = int(counts[counts > 0].min())
    units = len(np.unique(known.groups)) if known.groups is not None else rarest
    folds = max(2, min(most, rarest, units))
    return cross_validation_folds(known.targets, content=known.content, groups=known.groups, folds=folds)
