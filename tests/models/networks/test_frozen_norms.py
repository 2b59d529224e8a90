"""Batch norms that a library keeps frozen, in the ordinary form: the same names, the same answers, and they learn."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn
from torchvision.ops.misc import FrozenBatchNorm2d

from headstart.models.networks.frozen_norms import frozen_norms, train_norms
from headstart.models.torchvision.detector import detectors
from headstart.models.torchvision.network import architecture_of, laid_out

SAVED = {"weight", "bias", "running_mean", "running_var"}


def network() -> nn.Module:
    torch.manual_seed(0)
    norm = FrozenBatchNorm2d(4)
    for value in norm.buffers():
        value.uniform_(0.5, 1.5)
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.Sequential(norm, nn.BatchNorm2d(4)))


def test_they_say_the_same_under_the_same_names() -> None:
    before, after = network().eval(), copy.deepcopy(network())
    assert frozen_norms(after) == ["1.0"]
    train_norms(after)
    assert frozen_norms(after) == []
    inputs = torch.randn(2, 3, 8, 8)
    torch.testing.assert_close(after.eval()(inputs), before(inputs))
    ours, theirs = after.state_dict(), before.state_dict()
    assert ours.keys() - theirs.keys() == {"1.0.num_batches_tracked"}
    assert all(torch.equal(ours[name], value) for name, value in theirs.items())


def test_they_learn() -> None:
    changed = network()
    train_norms(changed)
    norm = changed[1][0]
    assert type(norm) is nn.BatchNorm2d
    assert {name for name, _ in norm.named_parameters()} == {"weight", "bias"}
    assert all(value.requires_grad for value in norm.parameters())
    before = norm.running_mean.clone()
    changed.train()(torch.randn(4, 3, 8, 8)).square().sum().backward()
    assert not torch.equal(norm.running_mean, before)
    assert norm.weight.grad is not None


def test_what_is_frozen_in_evaluation_mode_is_in_evaluation_mode_afterwards() -> None:
    changed = network().eval()
    train_norms(changed)
    assert not any(module.training for module in changed.modules())


@pytest.mark.parametrize("name", detectors())
def test_fresh_detectors_of_torchvision_have_none(name: str) -> None:
    assert frozen_norms(laid_out(architecture_of(name, {}), classes=3)) == []
