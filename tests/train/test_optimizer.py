"""The optimiser moves each number by its own gradient, however parameters and gradients lie in memory."""

from __future__ import annotations

import itertools

import pytest
import torch
from torch import nn
from torch.optim import SGD, AdamW

from headstart.core.strategy import Strategy
from headstart.train.groups import Group, parameter_groups
from headstart.train.optimizer import build_optimizer
from tests.train.tiny import strategy, tiny_model

LAYOUTS = (torch.contiguous_format, torch.channels_last)


@pytest.mark.parametrize("layouts", [*itertools.product(LAYOUTS, LAYOUTS)], ids=str)
@pytest.mark.parametrize(
    "settings", [{"optimizer": "adamw"}, {"optimizer": "sgd"}, {"optimizer": "sgd", "momentum": 0.0}]
)
def test_a_step_is_that_of_the_plain_optimiser_in_every_layout(
    layouts: tuple[torch.memory_format, torch.memory_format], settings: dict[str, object]
) -> None:
    torch.manual_seed(0)
    of_weight, of_gradient = layouts
    start = torch.randn(8, 4, 3, 3)
    gradients = [torch.randn(8, 4, 3, 3) for _ in range(3)]
    chosen: Strategy = strategy(**settings)
    ours, theirs = (nn.Parameter(start.clone(memory_format=layout)) for layout in (of_weight, LAYOUTS[0]))
    optimizer = build_optimizer([Group(0.01, 0.1, {"weight": ours})], chosen)
    assert bool(optimizer.defaults["fused"]) == (chosen.optimizer == "adamw")
    if chosen.optimizer == "sgd":
        nesterov = chosen.nesterov and chosen.momentum > 0
        plain = SGD([theirs], lr=0.01, weight_decay=0.1, momentum=chosen.momentum, nesterov=nesterov, fused=False)
    else:
        plain = AdamW([theirs], lr=0.01, weight_decay=0.1, fused=False)  # type: ignore[assignment]
    for gradient in gradients:
        ours.grad, theirs.grad = gradient.clone(memory_format=of_gradient), gradient.clone()
        optimizer.step()
        plain.step()
    torch.testing.assert_close(ours.detach(), theirs.detach(), rtol=1e-6, atol=1e-7)
    assert ours.stride() == start.contiguous(memory_format=of_weight).stride()


def test_a_parameter_with_gaps_in_its_memory_is_moved_by_the_plain_optimiser() -> None:
    torch.manual_seed(0)
    with_gaps, dense = nn.Parameter(torch.randn(4, 8)[:, ::2]), nn.Parameter(torch.zeros(4, 4))
    with torch.no_grad():
        dense.copy_(with_gaps)
    optimizers = [
        build_optimizer([Group(0.01, 0.1, {"weight": one})], strategy(optimizer="adamw")) for one in (with_gaps, dense)
    ]
    assert [each.defaults["fused"] for each in optimizers] == [False, True]
    gradient = torch.randn(4, 4)
    for one, each in zip((with_gaps, dense), optimizers, strict=True):
        one.grad = gradient.clone()
        each.step()
    torch.testing.assert_close(with_gaps.detach(), dense.detach(), rtol=1e-6, atol=1e-7)


def test_weight_decay_pulls_weights_and_leaves_biases_and_scales() -> None:
    model, _ = tiny_model()
    optimizer = build_optimizer(parameter_groups(model, strategy(weight_decay=0.5)), strategy(weight_decay=0.5))
    before = {name: value.clone() for name, value in model.named_parameters()}
    for parameter in model.parameters():
        parameter.grad = torch.zeros_like(parameter)
    optimizer.step()
    for name, parameter in model.named_parameters():
        assert torch.equal(parameter, before[name]) == (parameter.ndim == 1), name
