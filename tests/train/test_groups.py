"""Every parameter is in exactly one place, and what is frozen stays as it was to the last bit."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torchvision.ops.misc import FrozenBatchNorm2d

from headstart.core.errors import OptionError
from headstart.core.strategy import Rule
from headstart.train.groups import parameter_groups, rate_of, set_modes
from headstart.train.loop import train
from tests.train.tiny import FROZEN_BODY, strategy, tiny_feed, tiny_model

PATTERNS = ["backbone.first.*", "backbone.second.*", "*.weight", "*.bias", "head.*", "backbone.first.0.weight", "*.1.*"]
rules = st.lists(
    st.builds(
        Rule, pattern=st.sampled_from(PATTERNS), learning_rate=st.one_of(st.none(), st.sampled_from([0.1, 0.01, 0.001]))
    ),
    max_size=5,
)


@given(rules=rules, last=st.sampled_from([0.5, 0.25]), decay=st.sampled_from([0.0, 0.1]))
@settings(max_examples=60, deadline=None)
def test_every_parameter_is_frozen_or_in_exactly_one_group_with_the_rate_of_its_first_rule(
    rules: list[Rule], last: float, decay: float
) -> None:
    model, _ = tiny_model()
    chosen = strategy(
        rules=(Rule(pattern="head.linear.bias", learning_rate=1.0), *rules, Rule(pattern="*", learning_rate=last)),
        weight_decay=decay,
    )
    groups = parameter_groups(model, chosen)
    grouped = [name for group in groups for name in group.parameters]
    frozen = [name for name, parameter in model.named_parameters() if not parameter.requires_grad]
    assert sorted(grouped + frozen) == sorted(name for name, _ in model.named_parameters())
    for group in groups:
        for name, parameter in group.parameters.items():
            assert rate_of(name, chosen.rules) == (True, group.learning_rate)
            assert group.weight_decay == (decay if parameter.ndim > 1 else 0.0)
    assert all(rate_of(name, chosen.rules) == (True, None) for name in frozen)


def test_a_parameter_that_no_rule_covers_is_named_in_the_error() -> None:
    model, _ = tiny_model()
    with pytest.raises(OptionError, match=r"head\.linear\.weight") as caught:
        parameter_groups(model, strategy(rules=(Rule(pattern="backbone.*", learning_rate=0.1),)))
    assert len(caught.value.problems) == 2


def test_freezing_everything_is_an_error() -> None:
    model, _ = tiny_model()
    with pytest.raises(OptionError, match="freeze every parameter"):
        parameter_groups(model, strategy(rules=(Rule(pattern="*"),)))


@pytest.mark.parametrize("normalisation", ["frozen", "trained"])
def test_frozen_parts_are_bit_identical_after_training_and_trained_parts_are_not(normalisation: str) -> None:
    model, task = tiny_model()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    train(model, task, tiny_feed(), strategy(rules=FROZEN_BODY, normalisation=normalisation))
    for name, value in model.state_dict().items():
        assert torch.equal(value, before[name]) == name.startswith("backbone."), name


def test_batch_norm_statistics_move_only_where_normalisation_is_trained() -> None:
    for normalisation in ("frozen", "trained"):
        model, task = tiny_model()
        before = model.backbone.second[1].running_mean.clone()
        train(model, task, tiny_feed(), strategy(normalisation=normalisation))
        assert torch.equal(model.backbone.second[1].running_mean, before) == (normalisation == "frozen")


def test_statistics_keep_up_with_a_short_training() -> None:
    """MNASNet's would take three thousand steps to come half of the way: its answers would be those of no training."""
    means = []
    for momentum in (0.0003, 0.1):
        model, task = tiny_model()
        norms = [module for module in model.modules() if isinstance(module, torch.nn.BatchNorm2d)]
        for norm in norms:
            norm.momentum = momentum
        set_modes(model, strategy(normalisation="frozen"))
        assert {norm.momentum for norm in norms} == {momentum}, "nothing follows the batches"
        train(model, task, tiny_feed(), strategy(normalisation="trained"))
        means.append(norms[1].running_mean)
    assert torch.equal(*means)


def test_a_frozen_stage_keeps_its_statistics_while_the_others_train() -> None:
    model, task = tiny_model()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    chosen = strategy(
        rules=(Rule(pattern="backbone.first.*"), Rule(pattern="*", learning_rate=0.05)), normalisation="trained"
    )
    train(model, task, tiny_feed(), chosen)
    changed = {name for name, value in model.state_dict().items() if not torch.equal(value, before[name])}
    assert not any(name.startswith("backbone.first.") for name in changed)
    assert "backbone.second.1.running_mean" in changed


def test_training_only_norms_that_have_nothing_to_train_is_an_error() -> None:
    """A detector's frozen norms have scales that are no parameters: only the head would be trained, in silence."""
    model, _ = tiny_model()
    chosen = strategy(
        rules=(
            Rule(pattern="head.*", learning_rate=0.1),
            Rule(pattern="backbone.*", learning_rate=0.1, only="normalisation"),
            Rule(pattern="backbone.*"),
        )
    )
    assert len(parameter_groups(model, chosen)) == 1
    for name, module in list(model.named_modules()):
        if isinstance(module, torch.nn.BatchNorm2d):
            model.set_submodule(name, FrozenBatchNorm2d(module.num_features))
    with pytest.raises(OptionError, match="no normalisation layer with scales"):
        parameter_groups(model, chosen)


def test_dropout_is_off_in_a_frozen_body_and_on_in_a_trained_one() -> None:
    model, _ = tiny_model()
    set_modes(model, strategy(rules=FROZEN_BODY))
    assert not any(module.training for module in model.backbone.modules())
    assert model.head.training
    set_modes(model, strategy())
    assert model.backbone.dropout.training
    assert not model.backbone.first[1].training
