"""The best candidates, trained briefly by the recipe of a fit; the better half goes on to more steps and items."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import torch

from headstart.choosing import steps_of
from headstart.core.console import say
from headstart.core.dataset import Dataset, Indices
from headstart.core.errors import ModelError
from headstart.core.ranking import Trial
from headstart.core.strategy import Reason
from headstart.features.extract import extract
from headstart.features.training_probe import folds_of
from headstart.metrics.contest import Expectation, Standing
from headstart.metrics.expectation import Foresight, expected
from headstart.metrics.item_scores import item_scores
from headstart.metrics.laps import Laps, decided
from headstart.scoring import ScoredModel
from headstart.views.evidence import Probabilities, own_answers
from headstart.views.study import Study

Scores = npt.NDArray[np.float64]

LAPS = ((0.25, 0), (0.5, 0), (0.5, 1), (1.0, 0), (1.0, 1))
"""The share of the recipe's steps and the half of the items that is held out, lap by lap. Halves, since what a lap
tells is limited by the items that it is judged on: a fifth of 100 pictures is 20."""
LEAST_STEPS = 100
"""Shorter trainings are not begun, up to the recipe's own length: after a quarter of 120 steps two networks of four
were far below their probes (.35 and .40 against .80, usps with 10 a class)."""
AGREEMENT = 0.7
"""Correlation of average ranks over prior, probe and scores with the accuracy of fine-tuned models: .67 to .76 with a
prior of the same group, .60 to .75 with the other's, on the published 10 x 8 grid (which has no probes); .73 on five
data sets x eleven models, two trainings each (benchmarks/model_selection.py)."""
UNSEEN_SPREAD = 0.098
"""How far models lie apart in what their probes do not show, in standard deviations of an item's score: four points of
accuracy where four of five items are right. The same five data sets (.059 to .125)."""
TRIAL_SPREAD = 0.092
"""How far short trainings are from what fine-tuning reaches, in the same unit; twice as much for half of the steps. By
the same benchmark, on halves of 40 to 100 items (0 to .210)."""
SAME = 0.0125
"""A lead that is not worth a dearer model, in the same unit: half a point where four of five items are right. A wish
and no measurement; in the same benchmark, up to twice as much cost no accuracy."""


@dataclass
class Race:
    """What has been measured so far; contestants are places in `scored`."""

    scored: Sequence[ScoredModel]
    known: Dataset
    laps: Laps
    expected: Expectation
    trials: dict[int, list[Trial]] = field(default_factory=dict)
    reasons: list[Reason] = field(default_factory=list)

    @property
    def unit(self) -> float:
        """The standard deviation of an item's score."""
        return unit_of(self.scored)

    def standing(self) -> Standing:
        """All that prior, scores, probes and trainings say, together."""
        return self.laps.standing(expected=self.expected)


def race(
    scored: Sequence[ScoredModel],
    finalists: Sequence[int],
    known: Dataset,
    *,
    ranks: Sequence[float],
    seconds: float,
) -> Race:
    """Short trainings of the finalists, places in `scored`, until they can be told apart or the time is used up.

    `ranks` (1 is the best) are the average ones of all candidates: what is expected of them before they are trained.
    Each lap halves the field, but nobody leaves who is within a standard error of the last that stays. A candidate that
    fails is left with what was expected of it.
    """
    unit = unit_of(scored)
    right, groups = np.stack([model.right for model in scored]), _groups(known)
    expects = expected(ranks, right, Foresight(AGREEMENT, UNSEEN_SPREAD * unit), groups=groups)
    laps = Laps(len(scored), folds_of(known, most=2), TRIAL_SPREAD * unit, groups)
    running = Race(scored, known, laps, expects)
    still_in, deadline = list(finalists), time.monotonic() + seconds
    for share, fold in _laps(running, finalists):
        still_in = _affordable(running, still_in, share=share, fold=fold, left=deadline - time.monotonic())
        if len(still_in) < 2:
            why = f"{max(deadline - time.monotonic(), 0):.0f} s are left, too few for another training of two models"
            running.reasons.append(Reason(choice="short trainings", value="ended", why=why))
            break
        names = ", ".join(_name(running, place) for place in still_in)
        say(f"{share:.0%} of the steps, without part {fold + 1} of 2: {names}")
        still_in = _lap(running, still_in, share=share, fold=fold)
        why = decided(running.standing(), still_in, same=SAME * running.unit)
        if why:
            running.reasons.append(Reason(choice="short trainings", value="ended", why=why))
            break
    return running


def _groups(known: Dataset) -> npt.NDArray[np.int64] | None:
    return None if known.groups is None else known.groups.astype(np.int64)


def _laps(running: Race, finalists: Sequence[int]) -> list[tuple[float, int]]:
    """The laps of these data: short recipes are not cut further, and nothing is trained twice for nothing."""
    items = len(running.known)
    steps = [steps_of(running.scored[place].candidate.plan.strategy, items, 1.0) for place in finalists]
    least = min(1.0, LEAST_STEPS / min(steps, default=LEAST_STEPS))
    return list(dict.fromkeys((max(share, least), fold) for share, fold in LAPS))


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
    train = np.flatnonzero(running.laps.folds != fold).astype(np.int64)
    network = study.fine_tuned(train, name=f"fold-{fold}")
    table = extract(
        known.take(test), network.backbone, input=plan.input, device=study.device, precision=study.precision
    )
    answers = own_answers(study, network, table.rows(np.arange(len(test), dtype=np.int64)))
    before = _probe_answers(study, train, test)
    tuned, probe = (item_scores(plan.goal, each, known.targets[test]) for each in (answers, before))
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


def _probe_answers(study: Study, train: Indices, test: Indices) -> Probabilities:
    """What the probe of the same items, which the training starts from, says of the others."""
    assert study.pretrained is not None
    head = study.start(train, study.pretrained)
    rows = torch.from_numpy(study.pretrained.rows(test))
    answers: Probabilities = study.task.decode(rows @ head["linear.weight"].T + head["linear.bias"]).numpy()
    return answers


def _name(running: Race, place: int) -> str:
    return running.scored[place].candidate.card.id
