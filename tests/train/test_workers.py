"""Parts of a batch on several threads: the gradients are those of the whole batch, the same every time."""

from __future__ import annotations

import torch
from torch import nn

from headstart.train.workers import can_share, workers


def model() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 2))


def test_the_sum_over_parts_is_the_gradient_of_the_whole() -> None:
    ours, plain, inputs = model(), model(), torch.randn(12, 6)
    plain(inputs).square().sum().backward()
    with workers("cpu") as team:
        total = team.gradients(ours, torch.tensor_split(inputs, 3), lambda part: ours(part).square().sum())
    assert abs(total - plain(inputs).square().sum().item()) < 1e-4
    for mine, other in zip(ours.parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close(mine.grad, other.grad)


def test_gradients_add_to_those_that_are_there_and_frozen_weights_get_none() -> None:
    made = model()
    made[0].requires_grad_(False)
    inputs = torch.randn(4, 6)
    with workers("cpu") as team:
        for _ in range(2):
            team.gradients(made, [inputs], lambda part: made(part).sum())
    assert made[0].weight.grad is None
    once = model()
    once(inputs).sum().backward()
    torch.testing.assert_close(made[2].weight.grad, 2 * once[2].weight.grad)


def test_the_same_parts_give_the_same_bits() -> None:
    inputs = torch.randn(64, 6)
    found = []
    for _ in range(5):
        made = model()
        with workers("cpu") as team:
            team.gradients(made, torch.tensor_split(inputs, 8), lambda part, made=made: made(part).exp().sum())
        found.append(made[0].weight.grad)
    assert all(torch.equal(one, found[0]) for one in found)


def test_the_number_of_threads_is_put_back() -> None:
    before = torch.get_num_threads()
    with workers("cpu"):
        pass
    assert torch.get_num_threads() == before


def test_statistics_and_dropout_that_are_active_forbid_sharing() -> None:
    norm = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))
    assert not can_share(norm.train())
    assert can_share(norm.eval())
    assert not can_share(nn.Sequential(nn.Dropout(0.5)).train())
    assert can_share(nn.Sequential(nn.Dropout(0.0)).train())
