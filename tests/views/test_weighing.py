"""What views count for: all together, or those of one network where no more may be asked."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.core.strategy import Combination, Goal
from headstart.views import VIEWS
from headstart.views.weighing import EQUAL_FOR, levelled, view_weights

GOAL = Goal(metric="accuracy")


def answers(noise: dict[str, float], *, items: int = 300, seed: int = 0) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Probabilities of three classes by view, with independent noise on the log odds."""
    generator = np.random.default_rng(seed)
    targets = generator.integers(0, 3, items)
    made = {}
    for name, level in noise.items():
        powers = np.exp(2.0 * np.eye(3)[targets] + generator.normal(0, level, (items, 3)))
        made[name] = (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)
    return made, targets


def kept(weights: dict[str, float]) -> set[str]:
    return {name for name, weight in weights.items() if weight > 0}


def test_networks_that_differ_are_averaged_where_both_may_be_asked() -> None:
    made, targets = answers({"probe": 1.0, "refit": 1.0})
    assert kept(view_weights(made, targets, goal=GOAL, combination=Combination())) == {"probe", "refit"}


@pytest.mark.parametrize(("better", "network"), [("probe", "pretrained"), ("refit", "tuned")])
def test_one_network_is_the_better_one_with_all_its_views(better: str, network: str) -> None:
    other = "refit" if better == "probe" else "probe"
    beside = "stages" if better == "probe" else "refit-stages"
    made, targets = answers({other: 2.0, better: 1.0, beside: 1.0})
    weights = view_weights(made, targets, goal=GOAL, combination=Combination(networks=1))
    assert sum(weights.values()) == pytest.approx(1)
    assert list(weights) == list(made)
    assert kept(weights) == {better, beside}
    assert all(VIEWS[name].networks == (network,) for name in kept(weights))


def test_words_need_no_network_and_join_either() -> None:
    made, targets = answers({"probe": 1.0, "refit": 2.0, "words": 1.0})
    weights = view_weights(made, targets, goal=GOAL, combination=Combination(networks=1))
    assert kept(weights) == {"probe", "words"}


def test_single_is_one_view() -> None:
    made, targets = answers({"probe": 1.0, "stages": 1.0, "refit": 1.1})
    weights = view_weights(made, targets, goal=GOAL, combination=Combination(single=True))
    assert len(kept(weights)) == 1


def test_as_many_items_as_equal_weights_stand_for_meet_them_half_way() -> None:
    made, targets = answers({"probe": 1.0, "stages": 1.0, "refit": 1.0}, items=EQUAL_FOR)
    weights = levelled({"probe": 1.0, "stages": 0.0, "refit": 0.0}, made, targets)
    assert weights == pytest.approx({"probe": 0.75, "stages": 0.25, "refit": 0.0})  # the other network is not asked
    weights = levelled({"probe": 0.5, "stages": 0.0, "refit": 0.5}, made, targets)
    assert weights == pytest.approx({"probe": 5 / 12, "stages": 1 / 6, "refit": 5 / 12})


def test_many_items_speak_for_themselves() -> None:
    made, targets = answers({"probe": 1.0, "stages": 1.0}, items=2000)
    assert levelled({"probe": 1.0, "stages": 0.0}, made, targets) == {"probe": 1.0, "stages": 0.0}


@pytest.mark.parametrize("multi_label", [False, True])
def test_a_view_that_knows_nothing_joins_none(multi_label: bool) -> None:
    made, targets = answers({"probe": 1.0, "stages": 1.0}, items=50)
    made["stages"] = 1 - made["stages"] if multi_label else made["stages"][:, ::-1]
    if multi_label:
        targets = np.eye(3, dtype=np.int8)[targets]
    assert levelled({"probe": 1.0, "stages": 0.0}, made, targets) == pytest.approx({"probe": 1.0, "stages": 0.0})


def test_a_bag_of_words_alone_stays_alone() -> None:
    made, targets = answers({"probe": 1.0, "words": 1.0}, items=50)
    assert levelled({"probe": 0.0, "words": 1.0}, made, targets) == pytest.approx({"probe": 0.0, "words": 1.0})
