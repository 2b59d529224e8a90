"""Whether a network that was trained once more, on all items, has lost what the networks of the evidence had learnt.

Nothing is left that it has not seen, so nothing else tells. It happens: a network that was fine-tuned from its probe's
head on 200 pictures fell to guessing in its second epoch, while five trainings on four fifths of the same pictures did
not (benchmarks/README.md, "Little evidence").
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from headstart.features.table import FeatureTable
from headstart.tasks.task import Model
from headstart.views import VIEWS
from headstart.views.evidence import Evidence, own_answers
from headstart.views.study import Study, features_of

BEYOND_CHANCE = 2.0
"""Standard errors."""
LEAST = 1e-7


def collapsed(study: Study, evidence: Evidence, model: Model, table: FeatureTable) -> bool:
    """Whether it predicts items that it was trained on worse than networks to which they were new, beyond chance.

    The items are those of the evidence, it is the log loss that counts, and `table` has this network's features of all
    known items.
    """
    if "tuned" not in evidence.answers or len(evidence.items) < 2:
        return False
    rows = features_of(VIEWS["tuned"], {"tuned": table}, model.backbone).rows(evidence.items)
    targets = study.known.targets[evidence.items]
    seen, unseen = own_answers(study, model, rows), evidence.answers["tuned"]
    worse = _losses(seen, targets) - _losses(unseen, targets)
    return bool(worse.mean() > BEYOND_CHANCE * worse.std(ddof=1) / np.sqrt(len(worse)))


def _losses(probabilities: npt.NDArray[Any], targets: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """The log loss of each item: of its class (N,), or the mean over labels that are 0 or 1 (N, C)."""
    if targets.ndim == 2:
        told = np.where(targets > 0, probabilities, 1 - probabilities)
        return np.asarray(-np.log(np.clip(told, LEAST, 1)).mean(axis=1))
    told = probabilities[np.arange(len(targets)), targets]
    return np.asarray(-np.log(np.clip(told, LEAST, 1)))
