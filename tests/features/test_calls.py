"""Seeing which module's output is which module's input."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from headstart.features.calls import Producer, replace_modules, run_watched


class Wiring(nn.Module):
    """Convolutions whose outputs go to an activation directly, or changed in place, or copied, or twice."""

    def __init__(self) -> None:
        super().__init__()
        self.direct, self.changed, self.copied, self.twice = (nn.Conv2d(1, 1, 1) for _ in range(4))
        self.act_direct, self.act_changed, self.act_copied, self.act_twice = (nn.ReLU() for _ in range(4))

    def forward(self, inputs: Tensor) -> Tensor:
        first = self.act_direct(self.direct(inputs))
        second = self.changed(inputs)
        second += first
        third = self.act_copied(self.copied(inputs) * 1)
        return self.act_changed(second) + third + self.act_twice(self.twice(inputs)) + self.act_twice(inputs)


def seen(network: nn.Module) -> tuple[dict[nn.Module, nn.Module], dict[nn.Module, int]]:
    pairs: dict[nn.Module, nn.Module] = {}

    def found(producer: Producer, module: nn.Module, output: Tensor) -> None:
        pairs[producer.convolution] = module

    watch = run_watched(network, torch.randn(2, 1, 4, 4), (nn.ReLU,), found)
    return pairs, watch.runs


def test_only_outputs_that_arrive_unchanged_count() -> None:
    network = Wiring()
    pairs, _ = seen(network)
    assert pairs == {network.direct: network.act_direct, network.twice: network.act_twice}


def test_runs_are_counted() -> None:
    network = Wiring()
    _, runs = seen(network)
    assert runs[network.act_twice] == 2
    assert runs[network.direct] == 1


def test_no_hook_stays_even_after_an_error() -> None:
    network = Wiring()
    network.act_copied.forward = None  # type: ignore[assignment, method-assign]
    for _ in range(2):
        try:
            seen(network)
        except TypeError:
            assert all(not module._forward_hooks for module in network.modules())


def test_replacing_keeps_the_names() -> None:
    network = nn.Sequential(nn.Conv2d(1, 1, 1), nn.Sequential(nn.ReLU(), nn.Conv2d(1, 1, 1)))
    new = nn.Identity()
    replace_modules(network, {network[1][0]: new})
    assert network[1][0] is new
    assert [name for name, _ in network.named_children()] == ["0", "1"]
