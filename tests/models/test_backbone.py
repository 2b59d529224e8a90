"""What is counted and checked of any backbone."""

from __future__ import annotations

import torch
from torch import nn

from headstart.models.backbone import all_finite, trainable_numel


def test_only_weights_that_are_trained_are_counted() -> None:
    network = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
    assert trainable_numel(network) == 3 * 2 + 2 + 2 + 2
    network[0].requires_grad_(False)
    assert trainable_numel(network) == 4


def test_statistics_have_to_be_finite_too() -> None:
    network = nn.BatchNorm1d(2)
    assert all_finite(network)
    assert network.running_var is not None
    network.running_var[0] = torch.inf
    assert not all_finite(network)
