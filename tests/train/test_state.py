"""Network, optimiser and random generators, put aside and taken up again."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn
from torch.optim import SGD, AdamW, Optimizer

from headstart.train.checkpoint import State
from headstart.train.state import ModelState, OptimizerState, RandomState, shape_digest


def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(2, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(16, 2)).to(
        memory_format=torch.channels_last
    )


def step(model: nn.Module, optimizer: Optimizer, seed: int) -> None:
    inputs = torch.randn(5, 2, 4, 4, generator=torch.Generator().manual_seed(seed))
    optimizer.zero_grad()
    model(inputs).square().sum().backward()
    optimizer.step()


@pytest.mark.parametrize(
    ("kind", "settings"), [(AdamW, {}), (AdamW, {"fused": True}), (SGD, {"momentum": 0.9}), (SGD, {})]
)
def test_the_next_step_is_the_same(kind: type[Optimizer], settings: dict[str, float]) -> None:
    model = network()
    optimizer = kind(model.parameters(), lr=0.01, **settings)  # type: ignore[call-arg]
    step(model, optimizer, 1)
    weights, moments = (copy.deepcopy(part.state()) for part in (ModelState(model), OptimizerState(optimizer, model)))
    again = network()
    other = kind(again.parameters(), lr=0.01, **settings)  # type: ignore[call-arg]
    ModelState(again).restore(weights)
    OptimizerState(other, again).restore(moments)
    for pair in ((model, optimizer), (again, other)):
        step(*pair, 2)
    assert all(torch.equal(value, again.state_dict()[name]) for name, value in model.state_dict().items())
    assert again[0].weight.is_contiguous(memory_format=torch.channels_last)
    for parameter, kept in other.state.items():
        for value in kept.values():
            if isinstance(value, torch.Tensor) and value.ndim == 4:
                assert value.stride() == parameter.stride()


def test_plain_numbers_of_an_optimiser_are_values() -> None:
    layer = nn.Linear(1, 1)
    optimizer = SGD(layer.parameters(), lr=0.1)
    optimizer.state[layer.weight]["count"] = 3
    state = OptimizerState(optimizer, layer).state()
    assert state == State({"count/weight": 3}, {})
    optimizer.state.clear()
    OptimizerState(optimizer, layer).restore(state)
    assert optimizer.state[layer.weight] == {"count": 3}


def test_the_same_random_numbers_follow() -> None:
    torch.manual_seed(3)
    torch.rand(5)
    state = RandomState("cpu").state()
    expected = torch.rand(5)
    torch.manual_seed(4)
    RandomState("cpu").restore(state)
    assert torch.equal(torch.rand(5), expected)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_the_same_random_numbers_follow_on_a_gpu() -> None:
    state = RandomState("cuda").state()
    expected = torch.rand(5, device="cuda")
    RandomState("cuda").restore(state)
    assert torch.equal(torch.rand(5, device="cuda"), expected)


def test_the_digest_changes_with_names_shapes_and_types() -> None:
    layers = [nn.Linear(2, 3), nn.Linear(3, 2), nn.Linear(2, 3).double(), nn.Sequential(nn.Linear(2, 3))]
    assert len({shape_digest(layer) for layer in layers}) == 4
    assert shape_digest(nn.Linear(2, 3)) == shape_digest(layers[0])
