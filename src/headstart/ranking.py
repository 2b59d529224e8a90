"""Candidates and a data set -> which pretrained model: prior, scores of one pass, short trainings, and a choice.

No kind of evidence is right on every data set (docs/ranking.md): all candidates have a place by the average of their
ranks over prior, probe and scores, which says what may be expected of each; the best of them are trained briefly, and
what both say together decides. Test items take part in nothing.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil

import numpy as np
import numpy.typing as npt

from headstart.core.candidates import Candidates, Skipped
from headstart.core.card import ModelCard
from headstart.core.clock import Clock
from headstart.core.console import say
from headstart.core.dataset import Dataset, Part
from headstart.core.errors import HeadstartError, ModelError
from headstart.core.options import FitOptions
from headstart.core.ranking import Interval, RankedModel, Ranking, RankOptions, alike
from headstart.core.runtime import environment, resolve_device, resolve_precision
from headstart.core.strategy import Reason
from headstart.data.fingerprint import fingerprint
from headstart.data.reader import source_name
from headstart.data.subset import stratified
from headstart.metrics.contest import Standing
from headstart.models.cards.prior import prior_of
from headstart.planning import plan
from headstart.racing import SAME, Race, cost, race
from headstart.scores import DEFAULT_SCORES
from headstart.scores.rank_average import rank_average, shortlist
from headstart.scoring import Candidate, ScoredModel, score_model

FINALISTS = 3
"""How many are trained briefly at least: the three best by average rank held the best model on all eight data sets of
the published 10 x 8 grid (benchmarks/replay_tables.py)."""
LEAST_JUDGED = 200
"""Items that a short training is judged on at least. With 40 to 100, trainings took the regret of the average rank from
3.5 to 7.1 points (benchmarks/model_selection.py)."""
SCORING_SHARE = 0.6
"""Of a budget that may be spent on the passes over the items."""


@dataclass
class _Work:
    """A ranking being worked out."""

    options: RankOptions
    dataset: Dataset
    known: Dataset
    skipped: list[Skipped]
    reasons: list[Reason] = field(default_factory=list)
    clock: Clock = field(default_factory=Clock)
    started: float = field(default_factory=time.monotonic)

    def left(self, share: float = 1.0) -> float:
        """Seconds of the share of the budget that are left; no end without one."""
        budget = self.options.budget
        return np.inf if budget is None else share * budget - (time.monotonic() - self.started)

    def skip(self, model: str, why: str) -> None:
        """List a candidate that is not ranked, and say so."""
        say(f"{model} is not ranked: {why}")
        self.skipped.append(Skipped(id=model, why=why))


def rank(dataset: Dataset, candidates: Candidates, options: RankOptions) -> Ranking:
    """Rank candidates on a data set whose parts are assigned and whose contents are hashed.

    Raises `ModelError` where none of them can be ranked.
    """
    known = dataset.part(Part.TRAIN, Part.VALIDATION)
    items = stratified(known, options.items)
    work = _Work(options, dataset, known.take(items), list(candidates.skipped))
    if len(items) < len(known):
        why = f"of {len(known):,} that are not held out, every class in proportion"
        work.reasons.append(Reason(choice="items", value=f"{len(items):,}", why=why))
    scored = _score_all(work, _planned(work, candidates.cards))
    if not scored:
        raise ModelError(
            ["None of the candidates can be ranked.", *(f"{each.id}: {each.why}" for each in work.skipped[:20])],
            hint="headstart models list shows what there is; --models takes ids, patterns and folders.",
        )
    places = _places(scored)
    finalists = _finalists(scored, places)
    found = _race(work, scored, finalists, places)
    return _ranking(work, scored, places, found)


def _planned(work: _Work, cards: Sequence[ModelCard]) -> list[Candidate]:
    """The candidates with the plan of their trainings, those with the best prior first."""
    options, found = work.options, []
    for card in cards:
        asked = FitOptions(model=card.id, strategy=options.strategy, **alike(options))
        try:
            planned = plan(work.known, asked)
        except HeadstartError as error:
            work.skip(card.id, _first(error))
            continue
        found.append(Candidate(card=card, plan=planned, prior=prior_of(card)))
    return sorted(found, key=_prior, reverse=True)


def _score_all(work: _Work, candidates: Sequence[Candidate]) -> list[ScoredModel]:
    found: list[ScoredModel] = []
    for place, candidate in enumerate(candidates):
        name = candidate.card.id
        if found and work.left(SCORING_SHARE) < 0:
            work.skip(name, f"the budget of {work.options.budget:.0f} s left no time to look at it")
            continue
        say(f"looking at {name} ({place + 1} of {len(candidates)})")
        try:
            scored = score_model(candidate, work.known, names=DEFAULT_SCORES, limits=work.options.limits)
        except HeadstartError as error:
            work.skip(name, _first(error))
        except (RuntimeError, ValueError, OSError) as error:  # a foreign network that fails is no fault of the others
            work.skip(name, f"it failed: {type(error).__name__}: {error}")
        else:
            found.append(scored)
            for phase, seconds in scored.seconds.items():
                work.clock.add(phase, seconds)
    return found


def _places(scored: Sequence[ScoredModel]) -> list[float]:
    """The average rank of each candidate (1 is the best) over the prior, the probe and the scores that apply to all."""
    columns: dict[str, list[float | None]] = {
        "prior": [model.candidate.prior.score for model in scored],
        "probe": [float(model.right.mean()) for model in scored],
    }
    for name in DEFAULT_SCORES:
        values = [model.scores[name].value if name in model.scores else None for model in scored]
        if any(value is not None for value in values):
            columns[name] = values
    ranks = rank_average(columns)
    return [float("inf") if rank is None else rank for rank in ranks]


def _finalists(scored: Sequence[ScoredModel], places: Sequence[float]) -> list[int]:
    """The best by average rank, and whatever the prior or the probe alone holds for the best."""
    count = max(FINALISTS, ceil(len(scored) / 4))
    chosen = shortlist(places, size=count)
    best = int(np.argmax([_prior(model.candidate) for model in scored]))
    probes = int(np.argmax([model.right.mean() for model in scored]))
    return list(dict.fromkeys([*chosen, best, probes]))


def _prior(candidate: Candidate) -> float:
    return -np.inf if candidate.prior.score is None else candidate.prior.score


def _race(work: _Work, scored: Sequence[ScoredModel], finalists: Sequence[int], places: Sequence[float]) -> Race:
    options = work.options
    exhaustive = sum(cost(model, len(work.known)) for model in scored)
    spent = sum(work.clock.seconds.values())
    allowed = options.share * exhaustive - spent if options.budget is None else work.left()
    if not options.fine_tune or len(finalists) < 2 or work.dataset.structured:
        allowed = 0.0
        why = "not asked for" if not options.fine_tune else "there is one candidate"
        if options.fine_tune and work.dataset.structured:
            why = f"for {work.dataset.task} the order rests on features alone: probes of {_row_noun(work.dataset)}"
        work.reasons.append(Reason(choice="short trainings", value="none", why=why))
    elif len(work.known) < 2 * LEAST_JUDGED:
        allowed = 0.0
        few = f"half of {len(work.known)} items, which they would be judged on, tells less than prior and scores do"
        work.reasons.append(Reason(choice="short trainings", value="none", why=few))
    elif allowed <= 0:
        why = f"looking at the candidates took {spent:.0f} s, fine-tuning each of them once would take {exhaustive:.0f}"
        work.reasons.append(Reason(choice="short trainings", value="none", why=f"{why}: --budget allows more"))
    else:
        limit = f"{options.share:.0%} of the {exhaustive:.0f} s that fine-tuning each of them once would take"
        why = limit if options.budget is None else f"the budget of {options.budget:.0f} s for the whole ranking"
        value = f"up to {max(allowed, 0):.0f} s"
        work.reasons.append(Reason(choice="short trainings", value=value, why=why))
    with work.clock.phase("short trainings"):
        found = race(scored, finalists if allowed > 0 else [], work.known, ranks=places, seconds=allowed)
    if allowed > 0:
        work.reasons += found.reasons
    return found


def _row_noun(dataset: Dataset) -> str:
    return {"text": "words"}.get(dataset.modality, "places in the pictures")


def _ranking(work: _Work, scored: Sequence[ScoredModel], places: Sequence[float], found: Race) -> Ranking:
    options, standing = work.options, found.standing()
    lead, low, high = standing.behind()
    best, tied = standing.best, low <= 0
    chosen = _cheapest(scored, [place for place in range(len(scored)) if lead[place] <= SAME * found.unit])
    if chosen != best:
        cheaper = f"it cannot be told from {_id(scored[best])} and answers in {_milliseconds(scored[chosen])}, that in "
        why = f"{cheaper}{_milliseconds(scored[best])}"
    else:
        others = int(tied.sum()) - 1
        tie = f"; {others} {'other' if others == 1 else 'others'} cannot be told from it"
        why = "the best by all that was measured" + (tie if others > 0 else "")
    work.reasons.append(Reason(choice="model", value=_id(scored[chosen]), why=why))
    order = sorted(range(len(scored)), key=lambda place: (place != chosen, lead[place]))
    rows = [
        _row(scored[place], found, place, average=places[place], behind=(lead[place], low[place], high[place]))
        for place in order
    ]
    device = resolve_device(options.device)
    return Ranking(
        task=work.dataset.task,
        metric=options.metric,
        rows=tuple(rows),
        skipped=tuple(work.skipped),
        order=tuple(row.id for row in rows),
        chosen=_id(scored[chosen]),
        tied=tuple(row.id for row in rows if row.tied),
        reasons=tuple(work.reasons),
        small=_small(scored, standing, tied),
        items={"looked at": len(work.known), "held out": len(work.dataset.indices(Part.TEST))},
        strategy=options.strategy,
        exhaustive=sum(cost(model, len(work.known)) for model in scored),
        seconds={**work.clock.seconds, "total": time.monotonic() - work.started},
        environment=environment(device, resolve_precision(options.precision, device)),
        data_name=source_name(work.dataset.source),
        data_fingerprint=fingerprint(work.dataset),
    )


def _row(
    model: ScoredModel, found: Race, place: int, *, average: float, behind: tuple[float, float, float]
) -> RankedModel:
    card, candidate = model.candidate.card, model.candidate
    trials = tuple(found.trials.get(place, ()))
    probe = model.probe_interval(found.known.groups)
    return RankedModel(
        id=card.id,
        parameters=card.parameters,
        width=card.width,
        licence=card.licence,
        pretrained_on=card.pretrained_on,
        revision=card.revision,
        milliseconds=model.cost.single_ms,
        prior=candidate.prior.score,
        prior_why=candidate.prior.why,
        scores=dict(model.scores),
        not_scored=dict(model.not_scored),
        place=average,
        probe=probe,
        trials=trials,
        score=max([probe.value, *(trial.score for trial in trials)]),
        behind=Interval(value=behind[0], low=behind[1], high=behind[2]),
        tied=behind[1] <= 0,
        seconds=dict(model.seconds),
    )


def _cheapest(scored: Sequence[ScoredModel], places: Sequence[int]) -> int:
    return min(places, key=lambda place: scored[place].cost.single_ms)


def _small(scored: Sequence[ScoredModel], standing: Standing, tied: npt.NDArray[np.bool_]) -> str:
    """What this ranking shows of small models for these data; nothing where sizes are alike or unknown."""
    sizes = {place: model.candidate.card.parameters for place, model in enumerate(scored)}
    known = {place: size for place, size in sizes.items() if size}
    best = standing.best
    if len(known) < 2 or best not in known or max(known.values()) < 2 * min(known.values()):
        return ""
    smallest = min((place for place in known if tied[place]), key=lambda place: known[place])
    largest = max(known, key=lambda place: known[place])
    lead = standing.means[largest] - standing.means[smallest]
    size = f"{known[smallest] / 1e6:.1f} million weights"
    if smallest == largest:
        return f"Small data wants small models: not here. The largest candidate ({size}) is ahead of all others."
    if smallest == best:
        return (
            f"Small data wants small models: here they do as well. {_id(scored[smallest])} ({size}) is the best, and"
            f" the largest candidate ({known[largest] / 1e6:.1f} million) is {abs(lead):.3f} behind."
        )
    return (
        f"Small data wants small models: {_id(scored[smallest])} ({size}) is the smallest that cannot be told from the"
        f" best, {_id(scored[best])} ({known[best] / 1e6:.1f} million)."
    )


def _id(model: ScoredModel) -> str:
    return model.candidate.card.id


def _milliseconds(model: ScoredModel) -> str:
    return f"{model.cost.single_ms:.0f} ms"


def _first(error: HeadstartError) -> str:
    return error.problems[0] if error.problems else str(error)
