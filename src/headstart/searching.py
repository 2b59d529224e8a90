"""Settings of the fine-tuning, compared on unseen items by successive halving: what a larger budget is spent on first.

What is compared is the network's own answers averaged with the probe's, as they are used later, by the likelihood of
the true labels: on a hundred items it tells more than how many are right. Laps and costs are planned before the first
training and never looked up on the clock, so that a run that is taken up again decides the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from headstart.alternatives import PLANNED, alternatives
from headstart.choosing import Shown, seconds_of, settle, steps_of
from headstart.core.console import say
from headstart.core.strategy import Goal, Plan, Reason, Strategy
from headstart.features.extract import extract
from headstart.metrics.contest import Floats
from headstart.metrics.item_scores import item_scores
from headstart.metrics.laps import Laps, decided
from headstart.views.evidence import Probes, own_answers
from headstart.views.study import Study

LIKELIHOOD = Goal(metric="log_loss")
SPREAD = 0.01
"""How far a whole training's score is from what the setting reaches on average, in standard deviations of an item's
score. Not measured: about the spread over seeds of one setting."""
SAME = 0.02
"""A lead that is worth nothing, in the same unit."""


@dataclass
class _Search:
    study: Study
    probes: Probes
    settings: dict[str, Strategy]
    laps: Laps
    right: dict[int, dict[str, float]]
    spent: float = 0.0

    @property
    def names(self) -> list[str]:
        """Of the settings, in order."""
        return list(self.settings)


def search(study: Study, probes: Probes, shown: Shown) -> Plan:
    """The plan with the setting that was ahead in its laps, and as much evidence for it as there is time for."""
    plan = study.plan
    combination = plan.combination
    assert combination is not None
    steps = steps_of(plan.strategy, len(study.known), 1.0)
    settings = alternatives(plan.strategy, shown.situation, steps=steps)
    unit = float(item_scores(LIKELIHOOD, _probe_answers(probes), study.known.targets).std()) or 1.0
    laps = Laps(len(settings), study.folds.astype(np.int64), SPREAD * unit, study.known.groups)
    found = _Search(study, probes, settings, laps, {})
    still_in, ended = list(range(len(settings))), "the time planned for it was used"
    for lap in combination.search:
        still_in = still_in[: lap.settings]
        finished = {place: _trial(found, place, share=lap.share, fold=lap.fold, shown=shown) for place in still_in}
        still_in = laps.enter(finished, share=lap.share, fold=lap.fold)
        ended = decided(laps.standing(), still_in, same=SAME * unit) or ended
        if ended != "the time planned for it was used":
            break
    return _decide(found, shown, still_in=still_in, ended=ended)


def _trial(found: _Search, place: int, *, share: float, fold: int, shown: Shown) -> Floats:
    """Log likelihoods (n,) of the fold's items after a training on the others."""
    study, name = found.study, found.names[place]
    strategy = found.settings[name]
    strategy = strategy.model_copy(update={"steps": steps_of(strategy, len(study.known), share)})
    say(f"search: {name}, {share:.0%} of its steps, without fold {fold + 1}")
    test = found.laps.items(fold)
    train = np.flatnonzero(study.folds != fold).astype(np.int64)
    model = study.fine_tuned(train, name=f"search/{place}-{fold}-{share:g}", strategy=strategy)
    table = extract(
        study.known.take(test),
        model.backbone,
        input=study.plan.input,
        device=study.device,
        precision=study.precision,
        mirrored=found.probes.mirrored,
    )
    tuned = own_answers(study, model, table.rows(np.arange(len(test), dtype=np.int64)))
    answers = (tuned + _probe_answers(found.probes)[test]) / 2
    found.spent += seconds_of(strategy, shown)
    found.right.setdefault(place, {})[f"{share:g}/{fold}"] = float(
        item_scores(study.plan.goal, answers, study.known.targets[test]).mean()
    )
    return item_scores(LIKELIHOOD, answers, study.known.targets[test])


def _decide(found: _Search, shown: Shown, *, still_in: Sequence[int], ended: str) -> Plan:
    plan = found.study.plan
    combination = plan.combination
    assert combination is not None
    standing = found.laps.standing()
    lead, _, _ = standing.behind()
    best = max(still_in, key=lambda place: standing.means[place])
    ahead = lead[0] - lead[best]  # place 0 is the planned setting
    # A lead that may be chance costs nothing to follow: on average it is still the better choice.
    name = found.names[best] if ahead > 0 else PLANNED
    trainings = sum(map(len, found.right.values()))
    why = f"{trainings} trainings of {len(found.settings)} settings, about {found.spent:.0f} s; {ended}; "
    why += _bought(found, best, ahead=float(ahead)) if name != PLANNED else "none was ahead of the planned one"
    kept = [reason for reason in plan.reasons if reason.choice not in ("evidence", "steps")]
    searched = plan.model_copy(update={"reasons": (*kept, Reason(choice="setting", value=name, why=why))})
    settled = settle(searched, replace(shown, spent=shown.spent + found.spent), found.settings[name])
    settled_combination = settled.combination or combination
    return settled.model_copy(update={"combination": settled_combination.model_copy(update={"setting": name})})


def _bought(found: _Search, best: int, *, ahead: float) -> str:
    """What the winner gained on unseen items over the planned setting, where both were trained alike."""
    both = found.right[best].keys() & found.right.get(0, {}).keys()
    metric = found.study.plan.goal.metric.replace("_", " ")
    ours = np.mean([found.right[best][key] for key in both])
    planned = np.mean([found.right[0][key] for key in both])
    return f"ahead of the planned one by {ahead:.3f} in log likelihood; {metric} {ours:.3f} against {planned:.3f}"


def _probe_answers(probes: Probes) -> Floats:
    return np.asarray(probes.heads["probe"].out_of_fold, np.float64)
