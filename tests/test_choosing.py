"""What the probes have shown decides how the network is fine-tuned; every rule gives its reason."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.alternatives import alternatives
from headstart.choosing import (
    DEFAULT_BUDGET,
    FOLDS,
    MANY,
    RESERVE,
    SEARCH,
    SOLVED,
    TUNED,
    Shown,
    choose,
    seconds_of,
    settle,
)
from headstart.core.card import InputFacts, ModelCard
from headstart.core.strategy import Combination, Goal, MetricName, Plan, Reason, Strategy
from headstart.methods import METHODS
from headstart.methods.method import Situation

CARD = ModelCard(id="timm/resnet18", source="timm", input=InputFacts())
PLAN = Plan(
    task="image-classification",
    model=CARD.id,
    strategy=Strategy(method="linear-probe", solver="logistic"),
    combination=Combination(),
    reasons=(Reason(choice="model", value=CARD.id, why="given"),),
)


def shown(items: int = 500, **changes: object) -> Shown:
    found = Shown(
        situation=Situation(items=items, classes=5, card=CARD),
        rarest=20,
        score=0.8,
        mirrored=True,
        item_seconds=0.001,
        pass_seconds=0.0,
        spent=0.0,
    )
    found = replace(found, **changes)
    return replace(found, pass_seconds=found.item_seconds / 3)  # type: ignore[arg-type]


def reason(plan: Plan, choice: str) -> Reason:
    (found,) = (one for one in plan.reasons if one.choice == choice)
    return found


def tuned(plan: Plan) -> bool:
    assert plan.combination is not None
    return set(TUNED) <= set(plan.combination.candidates)


def untouched(plan: Plan, before: Plan) -> bool:
    """Whether nothing but reasons has been added."""
    return plan.model_copy(update={"reasons": ()}) == before.model_copy(update={"reasons": ()})


@pytest.mark.parametrize("metric", ["accuracy", "balanced_accuracy", "macro_f1"])
def test_what_is_solved_is_left_alone(metric: MetricName) -> None:
    plan = PLAN.model_copy(update={"goal": Goal(metric=metric)})
    found = choose(plan, shown(score=SOLVED))
    assert untouched(found, plan)
    assert reason(found, "fine-tuning").value == "none"
    assert f"{SOLVED:.3f} on items it has not seen" in reason(found, "fine-tuning").why
    assert tuned(choose(plan, shown(score=SOLVED - 0.001)))


def test_a_goal_that_is_no_share_of_items_is_never_solved() -> None:
    """The log loss is negative, and 1 is no limit of it."""
    plan = PLAN.model_copy(update={"goal": Goal(metric="log_loss")})
    assert tuned(choose(plan, shown(score=-0.01)))


def test_a_class_with_a_single_picture_gives_no_evidence() -> None:
    found = choose(PLAN, shown(rarest=1))
    assert untouched(found, PLAN)
    assert "single picture" in reason(found, "fine-tuning").why
    assert tuned(choose(PLAN, shown(rarest=2)))


@pytest.mark.parametrize(("items", "method"), [(MANY - 1, "lp-ft"), (MANY, "full")])
def test_with_many_items_every_layer_is_trained_from_a_fresh_head(items: int, method: str) -> None:
    seen = shown(items, rarest=items // 5)
    found = choose(PLAN, seen)
    assert found.strategy.method == reason(found, "fine-tuning").value == method
    assert f"{items:,} items" in reason(found, "fine-tuning").why
    wanted = METHODS[method]().strategy(seen.situation)
    assert found.strategy.rules == wanted.rules
    assert found.strategy.steps == whole_steps(wanted, items)
    assert not found.strategy.early_stopping  # there is no validation part that it could be stopped by
    assert not found.strategy.soup


@pytest.mark.parametrize("mirrored", [True, False])
def test_training_mirrors_pictures_where_the_probe_gains_by_it(mirrored: bool) -> None:
    assert choose(PLAN, shown(mirrored=mirrored)).strategy.flips == mirrored


@pytest.mark.parametrize(("items", "folds"), [(40, 5), (100, 5), (125, 4), (200, 3), (250, 2), (500, 1), (4000, 1)])
def test_folds_hold_a_hundred_items_together(items: int, folds: int) -> None:
    found = choose(PLAN, shown(items))
    assert found.combination is not None
    assert found.combination.evidence == folds
    assert reason(found, "evidence").value == f"{folds} of {FOLDS} folds"
    assert f"about {round(folds * items / FOLDS)} items" in reason(found, "evidence").why


def test_a_budget_that_was_given_is_used() -> None:
    found = choose(PLAN.model_copy(update={"budget": 10_000.0}), shown(4000))
    assert found.combination is not None
    assert found.combination.evidence == FOLDS
    assert found.budget == 10_000
    assert choose(PLAN, shown(4000)).budget == DEFAULT_BUDGET


def test_the_rarest_class_bounds_the_folds() -> None:
    """With two pictures of a class there are two folds, each of half the items."""
    found = choose(PLAN, shown(60, rarest=2))
    assert found.combination is not None
    assert found.combination.evidence == 2
    assert reason(found, "evidence").value == "2 of 2 folds"
    assert "about 60 items" in reason(found, "evidence").why


def test_what_is_measured_is_kept_so_that_nothing_is_decided_twice() -> None:
    found = choose(PLAN, shown(item_seconds=0.0123456, spent=7.0))
    assert found.combination is not None
    measured = {"item_seconds": 0.01235, "pass_seconds": 0.004115, "spent": 7.0, "looking": 0.0, "heads": 0.0}
    assert found.combination.pace == measured
    assert found.combination.candidates == ("probe", "stages", *TUNED)
    assert found.reasons[:1] == PLAN.reasons


def test_what_the_user_wants_of_the_result_stays() -> None:
    plan = PLAN.model_copy(update={"combination": Combination(single=True, candidates=("probe",))})
    found = choose(plan, shown())
    assert found.combination is not None
    assert found.combination.single
    assert found.combination.candidates == ("probe", *TUNED)


def whole_steps(strategy: Strategy, items: int) -> int:
    assert strategy.batch_size is not None
    return strategy.steps or ceil(items / min(strategy.batch_size, items)) * strategy.epochs


def thoroughness(plan: Plan) -> tuple[int, bool, int]:
    """The rung of the ladder: the higher, the more is done."""
    if not tuned(plan):
        return (0, False, 0)
    assert plan.combination is not None
    assert plan.strategy.steps is not None
    return (plan.combination.evidence, plan.combination.retrain, plan.strategy.steps)


def test_the_less_time_the_fewer_trainings_then_the_fewer_steps_then_none() -> None:
    plans = [
        choose(PLAN.model_copy(update={"budget": 1.0 * budget}), shown(item_seconds=0.02))
        for budget in range(900, 5, -5)
    ]
    rungs = list(dict.fromkeys(map(thoroughness, plans)))
    assert rungs == sorted(rungs, reverse=True)
    whole = rungs[0][2]
    assert rungs[:5] == [(evidence, True, whole) for evidence in (5, 4, 3, 2, 1)]
    assert all(rung[:2] == (1, False) for rung in rungs[5:-1])
    assert rungs[5][2] == whole
    a_budget_less = 0.9 * 5 / (0.02 * 16)  # steps of 16 pictures that five seconds fewer leave out
    assert whole / 4 <= rungs[-2][2] < whole / 4 + a_budget_less
    assert rungs[-1] == (0, False, 0)
    # where steps are what gives way, they fill the budget
    tight = [plan for plan in plans if whole / 4 < thoroughness(plan)[2] < whole]
    assert len({thoroughness(plan)[2] for plan in tight}) == len(tight) > 5
    for plan in plans:
        evidence, retrain, steps = thoroughness(plan)
        if not evidence:
            assert "at least" in reason(plan, "fine-tuning").why
            assert plan.strategy == PLAN.strategy
            continue
        why = reason(plan, "evidence").why
        assert ("the budget allows no more" in why) == (evidence < 5)
        assert ("for want of time" in why) == (not retrain)
        assert any(one.choice == "steps" for one in plan.reasons) == (steps < whole)


@given(
    items=st.integers(10, 30_000),
    rarest=st.integers(1, 200),
    budget=st.one_of(st.none(), st.floats(1, 20_000)),
    item_seconds=st.floats(1e-5, 5),
    spent=st.floats(0, 2000),
    mirrored=st.booleans(),
    score=st.floats(0, 1),
    looking=st.floats(0, 500),
    heads=st.floats(0, 10),
)
def test_no_plan_costs_more_than_its_budget(
    items: int,
    rarest: int,
    budget: float | None,
    item_seconds: float,
    spent: float,
    mirrored: bool,
    score: float,
    looking: float,
    heads: float,
) -> None:
    """By the measured pace: trainings on their share of the items, features and heads of each, the held-out items."""
    seen = shown(items, rarest=rarest, item_seconds=item_seconds, spent=spent, mirrored=mirrored, score=score)
    seen = replace(seen, looking=looking, heads=heads)
    found = choose(PLAN.model_copy(update={"budget": budget}), seen)
    assert found.combination is not None
    if not tuned(found):
        assert reason(found, "fine-tuning").value == "none"
        assert found.combination.evidence == 0
        return
    evidence, retrain, steps = thoroughness(found)
    assert 1 <= evidence <= min(FOLDS, rarest)
    networks = evidence + retrain
    trained = evidence * (FOLDS - 1) / FOLDS + retrain
    assert found.strategy.batch_size is not None
    pictures = steps * trained * min(found.strategy.batch_size, items)
    passes = items * networks * (2 if mirrored else 1)
    facts, side = seen.situation.card.input, found.strategy.train_size
    area = 1.0 if side is None or facts is None else side**2 / (facts.size[0] * facts.size[1])
    seconds = pictures * item_seconds * area + passes * item_seconds / 3 + networks * heads
    seconds += found.combination.networks * looking
    assert spent + seconds <= RESERVE * (budget or DEFAULT_BUDGET) * (1 + 1e-9)
    assert 1 <= steps <= whole_steps(METHODS[found.strategy.method]().strategy(seen.situation), items)


def test_a_second_network_is_given_up_for_a_training_on_all_items() -> None:
    """Three hundred items in twenty seconds: two networks would leave no time for it, one does."""
    tight = shown(300, item_seconds=0.002, looking=5.0)
    plans = {
        seconds: choose(PLAN.model_copy(update={"budget": seconds}), tight) for seconds in map(float, range(5, 60))
    }
    asked = {seconds: plan.combination.networks for seconds, plan in plans.items() if plan.combination and tuned(plan)}
    assert set(asked.values()) == {1, 2}
    assert asked[59.0] == 2
    for seconds, networks in asked.items():
        assert ("networks" in [one.choice for one in plans[seconds].reasons]) == (networks == 1)
    trained_on_all = [seconds for seconds in asked if thoroughness(plans[seconds])[1]]
    assert asked[min(trained_on_all)] == 1
    alone = PLAN.model_copy(update={"combination": Combination(single=True), "budget": min(asked)})
    assert tuned(choose(alone, tight)), "one network never has two to give up"
    assert "networks" not in [one.choice for one in choose(alone, tight).reasons]


def test_a_budget_with_room_for_it_is_searched_with() -> None:
    found = choose(PLAN.model_copy(update={"budget": 10_000.0}), shown())
    assert found.combination is not None
    laps = found.combination.search
    assert [(lap.share, lap.fold) for lap in laps] == list(SEARCH)[: len(laps)]
    counts = [lap.settings for lap in laps]
    assert counts[0] == len(alternatives(found.strategy, shown().situation, steps=1))
    assert all(after == max(2, ceil(before / 2)) for before, after in pairwise(counts))
    assert f"{counts[0]} settings" in reason(found, "search").value


@pytest.mark.parametrize("budget", [None, 20.0, 60.0])
def test_without_room_there_is_no_search(budget: float | None) -> None:
    found = choose(PLAN.model_copy(update={"budget": budget}), shown(item_seconds=0.005))
    assert found.combination is not None
    assert found.combination.search == ()
    assert all(one.choice != "search" for one in found.reasons)


@given(budget=st.floats(10, 5000), items=st.integers(20, 4000), item_seconds=st.floats(1e-4, 0.1))
def test_a_search_and_its_winner_fit_the_budget(budget: float, items: int, item_seconds: float) -> None:
    """What wins may take twice the planned steps."""
    seen = shown(items, item_seconds=item_seconds)
    found = choose(PLAN.model_copy(update={"budget": budget}), seen)
    assert found.combination is not None
    if not found.combination.search:
        return
    assert found.strategy.steps is not None
    settings = alternatives(found.strategy, seen.situation, steps=found.strategy.steps)
    mean = sum(seconds_of(each, seen) for each in settings.values()) / len(settings)
    laps = sum(lap.settings * lap.share * mean for lap in found.combination.search)
    twice = found.strategy.model_copy(update={"steps": 2 * found.strategy.steps})
    after = settle(found, replace(seen, spent=laps), twice)
    assert after.combination is not None
    assert after.combination.retrain
    assert after.combination.evidence == FOLDS
