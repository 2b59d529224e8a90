"""Layer groups join from the head downwards, and stay as they were to the last bit until then."""

from __future__ import annotations

import pytest
import torch

from headstart.core.strategy import Rule
from headstart.train.groups import parameter_groups
from headstart.train.loop import Validation, train
from headstart.train.thaw import Thaw
from tests.train.tiny import strategy, tiny_feed, tiny_model


@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
def test_a_group_is_bit_identical_until_its_turn_with_its_statistics(optimizer: str) -> None:
    """Six epochs of three steps: the head alone for 6 steps, the second stage from step 6, the first from step 12."""
    seen = []

    def validate(model) -> Validation:  # type: ignore[no-untyped-def]
        seen.append({name: value.clone() for name, value in model.state_dict().items()})
        return Validation(0.0)

    model, task = tiny_model()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    chosen = strategy(thaw=2 / 3, epochs=6, normalisation="trained", optimizer=optimizer, weight_decay=0.1)
    train(model, task, tiny_feed(), chosen, validate=validate)
    joined = {"head.": 0, "backbone.second.": 2, "backbone.first.": 4}
    for part, epoch in joined.items():
        for number, state in enumerate(seen):
            for name in state:
                if name.startswith(part):
                    assert torch.equal(state[name], before[name]) == (number < epoch), (name, number)


def test_nothing_is_computed_for_what_is_closed() -> None:
    model, task = tiny_model()
    chosen = strategy(thaw=0.9)
    parameter_groups(model, chosen)
    thaw = Thaw(model, chosen, total=100)
    for step, stages in ((0, ()), (44, ()), (45, ("second",)), (90, ("second", "first"))):
        thaw.begin_step(step)
        model.zero_grad(set_to_none=True)
        feed = tiny_feed()
        task.loss(model(feed.inputs), feed.targets).backward()
        with_gradient = {name for name, value in model.named_parameters() if value.grad is not None}
        assert {name.split(".")[1] for name in with_gradient} == {"linear", *stages}
    assert thaw.opening == [45, 90]


def test_what_the_rules_freeze_is_never_opened() -> None:
    model, task = tiny_model()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    rules = (Rule(pattern="backbone.second.*"), Rule(pattern="*", learning_rate=0.05))
    train(model, task, tiny_feed(), strategy(thaw=0.5, rules=rules, normalisation="trained", epochs=4))
    moved = {name for name, value in model.state_dict().items() if not torch.equal(value, before[name])}
    assert not any(name.startswith("backbone.second.") for name in moved)
    assert {"backbone.first.0.weight", "backbone.first.1.running_mean", "head.linear.weight"} <= moved


def test_without_a_share_everything_is_open_from_the_first_step() -> None:
    model, _ = tiny_model()
    parameter_groups(model, strategy())
    thaw = Thaw(model, strategy(), total=10)
    thaw.begin_epoch(0)
    assert all(parameter.requires_grad for parameter in model.parameters())
