"""A plan and what the probe has shown -> how the network is fine-tuned, rule by rule, each with its reason.

The rules that only look at the data and the options are in `planning`; these come after the first pass over the
pictures. docs/strategies.md says what each of them rests on.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from headstart.alternatives import alternatives
from headstart.core.card import InputFacts
from headstart.core.modality import noun
from headstart.core.strategy import Combination, Plan, Reason, SearchLap, Strategy
from headstart.methods.method import Situation
from headstart.methods.suited import strategy_for

FOLDS = 5
TUNED = ("tuned", "refit", "refit-stages", "together")
"""The views that a fine-tuned network adds."""
ENOUGH_EVIDENCE = 100
"""Items that no tried network has seen: with fewer, the average of two views is chosen by chance."""
LEAST_A_CLASS = 2
MANY = 5000
"""Items from which on every layer is trained from a fresh head: a common rule, not measured here."""
SOLVED = 0.995
DEFAULT_BUDGET = 900.0
"""Seconds for a fit without `--budget`: a quarter of an hour, which is what the measured sets need at most."""
RESERVE = 0.9
"""The share of the budget that is planned for: measured paces are off by about a tenth."""
SEARCH = ((0.5, 0), (1.0, 0), (1.0, 1), (1.0, 2), (1.0, 3), (1.0, 4))
"""The share of its steps that a setting takes and the fold that is held out, lap by lap of a search."""
LEAST_SHARE = 0.25
"""Of a method's steps; with fewer, what comes of them says little of the method. Not measured."""


@dataclass(frozen=True)
class Shown:
    """What is known after the probes.

    `rarest` is the number of items of the smallest class, or of folds where groups allow fewer, `score` the best
    probe's by the goal on items that it was not fitted on. `item_seconds` is one item of a training step at the model's
    own size, `pass_seconds` one that a network takes in whole, all windows of a text. `spent` is what the run has taken
    so far, `looking` what one network will take to answer the held-out items, and `heads` what solving the heads of one
    fine-tuned network takes.
    """

    situation: Situation
    rarest: int
    score: float
    mirrored: bool
    item_seconds: float
    pass_seconds: float
    spent: float
    looking: float = 0.0
    heads: float = 0.0

    def room(self, budget: float, *, networks: int) -> float:
        """Seconds of the budget that may be planned for, where so many networks answer the held-out items."""
        return RESERVE * budget - self.spent - networks * self.looking


@dataclass(frozen=True)
class Step:
    """One rung of the ladder from the most thorough way to fine-tune to none."""

    evidence: int
    retrain: bool
    share: float


def choose(plan: Plan, shown: Shown) -> Plan:
    """The plan with its strategy, its candidates and its evidence decided. Costs nothing but thought."""
    reasons = list(plan.reasons)
    why = _why_not(plan, shown)
    if why:
        reasons.append(Reason(choice="fine-tuning", value="none", why=why))
        return plan.model_copy(update={"reasons": tuple(reasons)})
    strategy, because = fine_tuning(plan, shown.situation, mirrored=shown.mirrored)
    reasons.append(Reason(choice="fine-tuning", value=strategy.method, why=because))
    chosen = settle(plan.model_copy(update={"reasons": tuple(reasons)}), shown, strategy)
    return chosen if chosen.budget is None or plan.budget is None else _with_search(chosen, shown, strategy)


def settle(plan: Plan, shown: Shown, strategy: Strategy) -> Plan:
    """The plan with this strategy, and as many folds of evidence and steps as the budget leaves time for.

    One of its reasons is why the network is fine-tuned so; where there is no time at all, why it is not.
    """
    reasons = list(plan.reasons)
    given = plan.combination or Combination()
    budget = plan.budget or DEFAULT_BUDGET
    wanted = _wanted_evidence(shown, thorough=plan.budget is not None)
    networks, step = _most_thorough(strategy, shown, wanted=wanted, budget=budget, most=given.most_networks)
    if step is None:
        least = _cost(strategy, shown, Step(1, False, LEAST_SHARE))
        left = max(shown.room(budget, networks=1), 0)
        why = f"it would take {least:.0f} s at least, and {left:.0f} s of the budget can be planned for"
        place = [reason.choice for reason in reasons].index("fine-tuning")
        reasons[place] = Reason(choice="fine-tuning", value="none", why=why)
        return plan.model_copy(update={"reasons": tuple(reasons)})
    reasons.append(_evidence_reason(step, shown, wanted))
    strategy = strategy.model_copy(update={"steps": steps_of(strategy, shown.situation.items, step.share)})
    if step.share < 1:
        why = f"{step.share:.0%} of what the method asks for, so that the run fits its budget of {budget:.0f} s"
        reasons.append(Reason(choice="steps", value=str(strategy.steps), why=why))
    if networks < given.most_networks:
        why = "the budget leaves no time to ask two of each held-out item and to fine-tune as thoroughly"
        reasons.append(Reason(choice="networks", value="one", why=why))
    pace = {name: getattr(shown, name) for name in ("item_seconds", "pass_seconds", "spent", "looking", "heads")}
    combination = given.model_copy(
        update={
            "candidates": tuple(dict.fromkeys([*given.candidates, *TUNED])),
            "evidence": step.evidence,
            "retrain": step.retrain,
            "networks": networks,
            "pace": {name: float(f"{value:.4g}") for name, value in pace.items()},
        }
    )
    return plan.model_copy(
        update={
            "strategy": strategy,
            "combination": combination,
            "budget": budget,
            "reasons": tuple(reasons),
        }
    )


def _with_search(plan: Plan, shown: Shown, strategy: Strategy) -> Plan:
    """The plan with a search over settings, where the budget leaves time for one beside all folds of evidence."""
    combination = plan.combination
    assert combination is not None
    assert plan.budget is not None
    settled = Step(combination.evidence, combination.retrain, 1.0)
    thorough = combination.retrain and combination.evidence == min(FOLDS, shown.rarest)
    # What wins may take twice the planned steps, so that much is kept back for it.
    room = shown.room(plan.budget, networks=combination.networks) - 2 * _cost(strategy, shown, settled)
    laps = _search_laps(strategy, shown, room=room) if thorough else ()
    if not laps:
        return plan
    why = f"about {room:.0f} s of the budget are left beside what the planned setting takes"
    reason = Reason(choice="search", value=f"{laps[0].settings} settings in {len(laps)} laps", why=why)
    return plan.model_copy(
        update={
            "combination": combination.model_copy(update={"search": laps}),
            "reasons": (*plan.reasons, reason),
        }
    )


def _search_laps(strategy: Strategy, shown: Shown, *, room: float) -> tuple[SearchLap, ...]:
    """Laps that the room has time for: all settings with half of their steps, the better half with all, and so on."""
    items = shown.situation.items
    settings = alternatives(strategy, shown.situation, steps=steps_of(strategy, items, 1.0))
    costs = [_cost(each, shown, Step(1, False, 1.0)) for each in settings.values()]
    mean = sum(costs) / len(costs)
    laps: list[SearchLap] = []
    count, spent = len(costs), 0.0
    for share, fold in SEARCH:
        spent += count * share * mean
        if fold >= shown.rarest or spent > room:
            break
        laps.append(SearchLap(share=share, fold=fold, settings=count))
        count = max(2, ceil(count / 2))
    return tuple(laps)


def _why_not(plan: Plan, shown: Shown) -> str:
    """Why the network is not fine-tuned at all, or nothing."""
    if "gradient" not in shown.situation.card.gives:
        return f"{shown.situation.card.id} gives features and no gradient, so that nothing below the head can learn"
    if shown.rarest < LEAST_A_CLASS:
        what = noun(shown.situation.card.modality)
        return f"a class has a single {what}: nothing could be held out to see whether fine-tuning helps"
    if plan.goal.metric in ("accuracy", "balanced_accuracy", "macro_f1") and shown.score >= SOLVED:
        return f"the probe's {plan.goal.metric} is {shown.score:.3f} on items it has not seen: nothing is left to win"
    return ""


def fine_tuning(plan: Plan, situation: Situation, *, mirrored: bool) -> tuple[Strategy, str]:
    """How a network is fine-tuned, where it is, and why so."""
    method, why = _method(situation.items)
    kept = {"class_weights": plan.strategy.class_weights, "flips": mirrored}
    changes = {**kept, "early_stopping": False, "soup": False}
    return strategy_for(method, situation).model_copy(update=changes), why


def _method(items: int) -> tuple[str, str]:
    if items >= MANY:
        return "full", f"{items:,} items are enough to train every layer from the start"
    why = f"{items:,} items: fewer steps than a fresh head needs, so training starts from the probe's head"
    return "lp-ft", why


def _wanted_evidence(shown: Shown, *, thorough: bool) -> int:
    """Of five folds, as many as hold a hundred items together; all of them where a budget was given to be used."""
    folds = min(FOLDS, shown.rarest)
    return folds if thorough else min(folds, max(1, ceil(ENOUGH_EVIDENCE * FOLDS / shown.situation.items)))


def _most_thorough(
    strategy: Strategy, shown: Shown, *, wanted: int, budget: float, most: int
) -> tuple[int, Step | None]:
    """How many networks may answer in the end, and the way to fine-tune that leaves them the time.

    A second network is given up where that buys a more thorough fine-tuning.
    """
    found: tuple[int, Step | None] = (most, None)
    for networks in range(most, 0, -1):
        step = _affordable(strategy, shown, wanted=wanted, left=shown.room(budget, networks=networks))
        if step is not None and step.retrain:
            return networks, step
        if step != found[1]:
            found = networks, step
    return found


def _affordable(strategy: Strategy, shown: Shown, *, wanted: int, left: float) -> Step | None:
    """The most thorough way that fits: fewer folds, then no second training, then the steps there is time for."""
    rungs = [Step(evidence, True, 1.0) for evidence in range(wanted, 0, -1)]
    whole = steps_of(strategy, shown.situation.items, 1.0)
    rungs += [Step(1, False, steps / whole) for steps in range(whole, ceil(LEAST_SHARE * whole) - 1, -1)]
    return next((rung for rung in rungs if _cost(strategy, shown, rung) <= left), None)


def _cost(strategy: Strategy, shown: Shown, step: Step) -> float:
    """Seconds that a rung takes by the measured pace: trainings, and the features and heads of what they give."""
    items = shown.situation.items
    part = (FOLDS - 1) / FOLDS
    trained = step.evidence * part + (1 if step.retrain else 0)
    steps = steps_of(strategy, items, step.share) * trained
    batch = min(strategy.batch_size or 32, items)
    networks = step.evidence + (1 if step.retrain else 0)
    looks = networks * (items * (2 if shown.mirrored else 1) * shown.pass_seconds + shown.heads)
    return steps * batch * shown.item_seconds * area(strategy, shown.situation) + looks


def seconds_of(strategy: Strategy, shown: Shown) -> float:
    """Seconds of one training of a strategy whose steps are set, without a fold, and of looking at the fold."""
    return _cost(strategy, shown, Step(1, False, 1.0))


def area(strategy: Strategy, situation: Situation) -> float:
    """How many pixels a training picture has for each of one that the model takes."""
    facts = situation.card.input
    if strategy.train_size is None or not isinstance(facts, InputFacts):
        return 1.0
    return strategy.train_size**2 / (facts.size[0] * facts.size[1])


def steps_of(strategy: Strategy, items: int, share: float) -> int:
    """The steps of a training on all items, or of the share of them that the budget allows."""
    whole = strategy.steps or ceil(items / min(strategy.batch_size or 32, items)) * strategy.epochs
    return max(round(whole * share), 1)


def _evidence_reason(step: Step, shown: Shown, wanted: int) -> Reason:
    seen = round(step.evidence * shown.situation.items / min(FOLDS, max(shown.rarest, 2)))
    why = f"about {seen} items are answered by networks that have not seen them, and decide which views are kept"
    if step.evidence < wanted:
        why += "; the budget allows no more"
    if not step.retrain:
        why += "; the network that is kept has not seen them either, for want of time"
    return Reason(choice="evidence", value=f"{step.evidence} of {min(FOLDS, shown.rarest)} folds", why=why)
