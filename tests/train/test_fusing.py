"""Fused batch norms: the same outputs, gradients and statistics, and nothing left behind."""

from __future__ import annotations

import copy

import pytest
import timm
import torch
from torch import nn

from headstart.train.fusing import FusedNorms


def network(name: str = "test_resnet") -> nn.Module:
    torch.manual_seed(0)
    made = timm.create_model(name, pretrained=False, num_classes=3).eval()
    for module in made.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 2)
    return made


def gradients(made: nn.Module, inputs: torch.Tensor) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    made.zero_grad()
    output = made(inputs)
    output.square().sum().backward()
    return output.detach(), {name: value.grad.clone() for name, value in made.named_parameters()}


@pytest.mark.parametrize("name", ["test_resnet", "test_efficientnet"])
def test_outputs_and_gradients_are_those_of_the_plain_network(name: str) -> None:
    plain = network(name)
    fused = copy.deepcopy(plain)
    inputs = torch.randn(4, 3, 32, 32)
    norms = FusedNorms(fused, inputs[:1])
    assert norms.pairs
    output, wanted = gradients(plain, inputs)
    with norms.applied():
        ours, found = gradients(fused, inputs)
    torch.testing.assert_close(ours, output, rtol=1e-4, atol=1e-5)
    for key, value in wanted.items():
        torch.testing.assert_close(found[key], value, rtol=1e-3, atol=1e-3 * float(value.abs().max()) + 1e-7)


def test_nothing_stays_behind() -> None:
    made = network()
    before = copy.deepcopy(made.state_dict())
    inputs = torch.randn(2, 3, 32, 32)
    plain = made(inputs)
    with FusedNorms(made, inputs[:1]).applied():
        assert any("forward" in module.__dict__ for module in made.modules())
    assert not any("forward" in module.__dict__ for module in made.modules())
    assert torch.equal(made(inputs), plain)
    assert all(torch.equal(value, before[name]) for name, value in made.state_dict().items())


def test_modes_are_left_as_they_were() -> None:
    made = network().train()
    made.layer1.eval()
    modes = [module.training for module in made.modules()]
    FusedNorms(made, torch.randn(1, 3, 32, 32))
    assert [module.training for module in made.modules()] == modes


def test_a_convolution_whose_output_is_used_twice_is_left_alone() -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.convolution, self.norm = nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)

        def forward(self, inputs: torch.Tensor) -> torch.Tensor:
            return self.norm(self.convolution(inputs)) + self.norm(self.convolution(inputs.flip(-1)))

    assert FusedNorms(Twice().eval(), torch.randn(1, 3, 8, 8)).pairs == ()
