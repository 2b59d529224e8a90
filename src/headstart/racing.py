"""The best candidates, trained briefly by the recipe of a fit; the better half goes on to more steps and items."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from headstart.choosing import steps_of
from headstart.core.console import say
from headstart.core.dataset import Dataset
from headstart.core.errors import ModelError
from headstart.core.ranking import Trial
from headstart.core.strategy import Reason
from headstart.features.extract import extract
from headstart.features.training_probe import folds_of
from headstart.metrics.contest import Proxy, Standing
from headstart.metrics.item_scores import item_scores
from headstart.metrics.laps import Laps, decided
from headstart.scoring import ScoredModel
from headstart.views.evidence import own_answers
from headstart.views.study import Study

Scores = npt.NDArray[np.float64]

LAPS = ((0.25, 0), (0.5, 0), (0.5, 1), (0.5, 2), (0.5, 3), (0.5, 4))
"""The share of the recipe's steps and the fold that is held out, lap by lap."""
PROBE_SPREAD = 0.115
"""How far probes are from what fine-tuning reaches, in standard deviations of an item's score: four and a half points
of accuracy where four of five items are right. Measured on three data sets x eleven models, one training each as the
truth (.131, .112 and .103 with what a second training would change: benchmarks/model_selection.py)."""
TRIAL_SPREAD = 0.03
"""The same for the recipe's steps; twice as much for half of them, so that a quarter tells as much as a probe, which it
is counted as where it has fallen below it. The same benchmark cannot tell more: 0, .039, 0 on folds of 20 to 40."""
SAME = 0.0125
"""A lead that is not worth a dearer model, in the same unit: half a point where four of five items are right. A wish
and no measurement; in the same benchmark, up to twice as much cost no accuracy."""


@dataclass
class Race:
    """What has been measured so far; contestants are places in `scored`."""

    scored: Sequence[ScoredModel]
    known: Dataset
    laps: Laps
    trials: dict[int, list[Trial]] = field(default_factory=dict)
    reasons: list[Reason] = field(default_factory=list)

    @property
    def unit(self) -> float:
        """The standard deviation of an item's score."""
        return unit_of(self.scored)

    def standing(self) -> Standing:
        """All that probes and trainings say, together."""
        groups = None if self.known.groups is None else self.known.groups.astype(np.int64)
        right = np.stack([model.right for model in self.scored])
        return self.laps.standing([Proxy(right, PROBE_SPREAD * self.unit, groups)])


def race(scored: Sequence[ScoredModel], finalists: Sequence[int], known: Dataset, *, seconds: float) -> Race:
    """Short trainings of the finalists, places in `scored`, until they can be told apart or the time is used up.

    Each lap halves the field, but nobody leaves who is within a standard error of the last that stays. A candidate that
    fails is left with what its probe has shown.
    """
    spread = TRIAL_SPREAD * unit_of(scored)
    running = Race(scored, known, Laps(len(scored), folds_of(known), spread, known.groups))
    still_in, deadline = list(finalists), time.monotonic() + seconds
    for share, fold in LAPS:
        if fold > int(running.laps.folds.max()):
            break
        still_in = _affordable(running, still_in, share=share, fold=fold, left=deadline - time.monotonic())
        if len(still_in) < 2:
            why = f"{max(deadline - time.monotonic(), 0):.0f} s are left, too few for another training of two models"
            running.reasons.append(Reason(choice="short trainings", value="ended", why=why))
            break
        names = ", ".join(_name(running, place) for place in still_in)
        say(f"{share:.0%} of the steps, without fold {fold + 1}: {names}")
        still_in = _lap(running, still_in, share=share, fold=fold)
        why = decided(running.standing(), still_in, same=SAME * running.unit)
        if why:
            running.reasons.append(Reason(choice="short trainings", value="ended", why=why))
            break
    return running


def unit_of(scored: Sequence[ScoredModel]) -> float:
    """The standard deviation of an item's score, over models on average."""
    return float(np.mean([model.right.std() for model in scored])) or 1.0


def cost(model: ScoredModel, items: int, *, share: float = 1.0, part: float = 1.0) -> float:
    """Seconds that the share of the recipe's steps takes on `items` items, of which the part is trained on."""
    strategy = model.candidate.plan.strategy
    steps = steps_of(strategy, items, share) * part
    return steps * min(strategy.batch_size or 32, items) * model.step_seconds


def _affordable(running: Race, still_in: list[int], *, share: float, fold: int, left: float) -> list[int]:
    """The best of the field that there is time for."""
    items = len(running.known)
    part = float((running.laps.folds != fold).mean())

    def of(place: int) -> float:
        model = running.scored[place]
        return cost(model, items, share=share, part=part) + (1 - part) * items * model.step_seconds / 3

    means = running.standing().means
    kept = sorted(still_in, key=lambda place: -means[place])
    while len(kept) > 1 and sum(map(of, kept)) > left:
        kept.pop()
    return kept


def _lap(running: Race, still_in: list[int], *, share: float, fold: int) -> list[int]:
    """Train each of the field; returns who goes on."""
    finished: dict[int, Scores] = {}
    for place in still_in:
        try:
            finished[place] = _trial(running, place, share=share, fold=fold)
        except ModelError as error:
            why = f"its training failed: {error}"
            running.reasons.append(Reason(choice="short trainings", value=_name(running, place), why=why))
    return running.laps.enter(finished, share=share, fold=fold)


def _trial(running: Race, place: int, *, share: float, fold: int) -> Scores:
    """Scores (n,) of the fold's items by the network trained on the others, or by its probe where that is better."""
    started = time.monotonic()
    model = running.scored[place]
    plan, known = model.candidate.plan, running.known
    steps = steps_of(plan.strategy, len(known), share)
    strategy = plan.strategy.model_copy(update={"steps": steps, "early_stopping": False, "soup": False})
    study = Study.of(plan.model_copy(update={"strategy": strategy, "budget": None}), known, None)
    study.pretrained = study.table(study.model.backbone, mirrored=False, stages=False)
    test = running.laps.items(fold)
    network = study.fine_tuned(np.flatnonzero(study.folds != fold).astype(np.int64), name=f"fold-{fold}")
    table = extract(
        known.take(test), network.backbone, input=plan.input, device=study.device, precision=study.precision
    )
    answers = own_answers(study, network, table.rows(np.arange(len(test), dtype=np.int64)))
    tuned, probe = item_scores(plan.goal, answers, known.targets[test]), model.right[test]
    trial = Trial(
        share=share,
        fold=fold,
        items=len(test),
        score=float(tuned.mean()),
        probe=float(probe.mean()),
        seconds=time.monotonic() - started,
    )
    running.trials.setdefault(place, []).append(trial)
    return tuned if tuned.mean() >= probe.mean() else probe


def _name(running: Race, place: int) -> str:
    return running.scored[place].candidate.card.id
