"""Settings by hand: what a strategy would drop is refused by name, and what it does anyway is not."""

from __future__ import annotations

import pytest

from headstart.core.card import InputFacts, ModelCard
from headstart.core.errors import OptionError
from headstart.methods import METHODS
from headstart.methods.by_hand import check
from headstart.methods.method import Situation
from headstart.methods.suited import strategy_for

CARD = ModelCard(id="timm/x", source="timm", input=InputFacts())


def problems(name: str, given: dict[str, object], *, task: str = "") -> list[str]:
    strategy = strategy_for(name, Situation(500, 5, CARD, task))
    if "solver" not in given and name == "linear-probe" and not task:
        given = {**given, "solver": "gradient"}
    try:
        check(METHODS[name](), strategy, given, facts=InputFacts(), validation=True, task=task)
    except OptionError as error:
        return list(error.problems)
    return []


@pytest.mark.parametrize("task", ["object-detection", "semantic-segmentation", "token-classification"])
@pytest.mark.parametrize("name", ["linear-probe", "lp-ft"])
def test_heads_of_more_than_labels_are_not_solved(task: str, name: str) -> None:
    given: dict[str, object] = {"solver": "ridge", "strength": 1.0, "epochs": 3}
    assert problems(name, given, task=task) == [
        f"--solver ridge is for labels; a head for {task} is trained by steps.",
        "--strength is for the closed-form solvers.",
    ]
    assert problems(name, {"solver": "gradient", "epochs": 3}, task=task) == []


@pytest.mark.parametrize("name", ["linear-probe", "lora"])
def test_statistics_of_layers_that_stay_are_not_trained(name: str) -> None:
    (said,) = problems(name, {"normalisation": "trained"})
    assert f"--normalisation trained: '{name}' keeps the layers" in said
    assert problems(name, {"normalisation": "frozen"}) == []
    assert problems(name, {"normalisation": "trained"}, task="object-detection") == []


@pytest.mark.parametrize("name", ["full", "norm-only", "scratch"])
def test_statistics_of_layers_that_move_may_be_trained(name: str) -> None:
    assert problems(name, {"normalisation": "trained"}) == []


@pytest.mark.parametrize("name", ["linear-probe", "full", "contrastive"])
def test_momentum_needs_sgd(name: str) -> None:
    given: dict[str, object] = {"momentum": 0.9, "nesterov": True}
    assert problems(name, given) == [
        "--momentum is for --optimizer sgd; 'adamw' has none.",
        "--nesterov is for --optimizer sgd; 'adamw' has none.",
    ]
    assert problems(name, {**given, "optimizer": "sgd"}) == []
    assert problems(name, {"nesterov": False}) == []
    (said,) = problems(name, {"optimizer": "sgd", "momentum": 0.0, "nesterov": True})
    assert "--nesterov" in said


@pytest.mark.parametrize("name", METHODS.names())
@pytest.mark.parametrize("task", ["", "object-detection", "semantic-segmentation", "token-classification"])
def test_nothing_is_said_where_nothing_is_given(name: str, task: str) -> None:
    if name != "contrastive" or not task:
        assert problems(name, {}, task=task) == []
