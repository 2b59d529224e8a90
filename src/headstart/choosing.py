"""A plan and what the probe has shown -> how the network is fine-tuned, rule by rule, each with its reason.

The rules that only look at the data and the options are in `planning`; these come after the first pass over the
pictures. docs/strategies.md says what each of them rests on.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from headstart.core.card import InputFacts
from headstart.core.modality import noun
from headstart.core.strategy import Combination, Plan, Reason, Strategy
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
LEAST_SHARE = 0.25
"""Of a method's steps; with fewer, what comes of them says little of the method. Not measured."""


@dataclass(frozen=True)
class Shown:
    """What is known after the probes.

    `rarest` is the number of items of the smallest class, or of folds where groups allow fewer, `score` the best
    probe's by the goal on items that it was not fitted on. `item_seconds` is one item of a training step at the model's
    own size, of which a forward pass is a third; `spent` is what the run has taken so far, and `passes` are those
    that an item takes when its features are computed: one a window of a text.
    """

    situation: Situation
    rarest: int
    score: float
    mirrored: bool
    item_seconds: float
    spent: float
    passes: float = 1.0

    @property
    def pass_seconds(self) -> float:
        """One item taken in whole; of a step, two thirds are backward."""
        return self.item_seconds / 3 * self.passes


@dataclass(frozen=True)
class Step:
    """One rung of the ladder from the most thorough way to fine-tune to none."""

    evidence: int
    retrain: bool
    share: float


def choose(plan: Plan, shown: Shown) -> Plan:
    """The plan with its strategy, its candidates and its evidence decided. Costs nothing but thought."""
    reasons = list(plan.reasons)
    given = plan.combination or Combination()
    why = _why_not(plan, shown)
    if why:
        reasons.append(Reason(choice="fine-tuning", value="none", why=why))
        return plan.model_copy(update={"reasons": tuple(reasons)})
    method, because = _method(shown)
    strategy = strategy_for(method, shown.situation)
    kept = {"class_weights": plan.strategy.class_weights, "flips": shown.mirrored}
    strategy = strategy.model_copy(update={**kept, "early_stopping": False, "soup": False})
    reasons.append(Reason(choice="fine-tuning", value=method, why=because))
    budget = plan.budget or DEFAULT_BUDGET
    wanted = _wanted_evidence(shown, thorough=plan.budget is not None)
    step = _affordable(strategy, shown, wanted=wanted, left=RESERVE * budget - shown.spent)
    if step is None:
        least = _cost(strategy, shown, Step(1, False, LEAST_SHARE))
        why = f"it would take {least:.0f} s at least, and {max(budget - shown.spent, 0):.0f} s of the budget are left"
        reasons[-1] = Reason(choice="fine-tuning", value="none", why=why)
        return plan.model_copy(update={"reasons": tuple(reasons)})
    reasons.append(_evidence_reason(step, shown, wanted))
    strategy = strategy.model_copy(update={"steps": steps_of(strategy, shown.situation.items, step.share)})
    if step.share < 1:
        why = f"{step.share:.0%} of what the method asks for, so that the run fits its budget of {budget:.0f} s"
        reasons.append(Reason(choice="steps", value=str(strategy.steps), why=why))
    pace = {"item_seconds": shown.item_seconds, "pass_seconds": shown.pass_seconds, "spent": shown.spent}
    combination = given.model_copy(
        update={
            "candidates": (*given.candidates, *TUNED),
            "evidence": step.evidence,
            "retrain": step.retrain,
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


def _why_not(plan: Plan, shown: Shown) -> str:
    """Why the network is not fine-tuned at all, or nothing."""
    if shown.rarest < LEAST_A_CLASS:
        what = noun(shown.situation.card.modality)
        return f"a class has a single {what}: nothing could be held out to see whether fine-tuning helps"
    if plan.goal.metric in ("accuracy", "balanced_accuracy", "macro_f1") and shown.score >= SOLVED:
        return f"the probe's {plan.goal.metric} is {shown.score:.3f} on items it has not seen: nothing is left to win"
    return ""


def _method(shown: Shown) -> tuple[str, str]:
    items = shown.situation.items
    if items >= MANY:
        return "full", f"{items:,} items are enough to train every layer from the start"
    why = f"{items:,} items: fewer steps than a fresh head needs, so training starts from the probe's head"
    return "lp-ft", why


def _wanted_evidence(shown: Shown, *, thorough: bool) -> int:
    """Of five folds, as many as hold a hundred items together; all of them where a budget was given to be used."""
    folds = min(FOLDS, shown.rarest)
    return folds if thorough else min(folds, max(1, ceil(ENOUGH_EVIDENCE * FOLDS / shown.situation.items)))


def _affordable(strategy: Strategy, shown: Shown, *, wanted: int, left: float) -> Step | None:
    """The most thorough way that fits: fewer folds, then no second training, then the steps there is time for."""
    rungs = [Step(evidence, True, 1.0) for evidence in range(wanted, 0, -1)]
    whole = steps_of(strategy, shown.situation.items, 1.0)
    rungs += [Step(1, False, steps / whole) for steps in range(whole, ceil(LEAST_SHARE * whole) - 1, -1)]
    return next((rung for rung in rungs if _cost(strategy, shown, rung) <= left), None)


def _cost(strategy: Strategy, shown: Shown, step: Step) -> float:
    """Seconds that a rung takes by the measured pace: trainings, and the features of what they give."""
    items = shown.situation.items
    part = (FOLDS - 1) / FOLDS
    trained = step.evidence * part + (1 if step.retrain else 0)
    steps = steps_of(strategy, items, step.share) * trained
    batch = min(strategy.batch_size or 32, items)
    passes = items * (step.evidence + (1 if step.retrain else 0)) * (2 if shown.mirrored else 1)
    return steps * batch * shown.item_seconds * _area(strategy, shown) + passes * shown.pass_seconds


def _area(strategy: Strategy, shown: Shown) -> float:
    """How many pixels a training picture has for each of the size that the pace was measured at."""
    facts = shown.situation.card.input
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
