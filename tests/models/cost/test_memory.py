"""Memory counted while a network runs, against what can be worked out by hand."""

from __future__ import annotations

import torch
from torch import nn

from headstart.models.cost.memory import peak_bytes, weight_bytes

WIDTH, ITEMS = 100, 10
LAYER = 4 * WIDTH * ITEMS


class Branches(nn.Module):
    """Two maps of which the first is needed until the end."""

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        first = inputs + 1
        second = (inputs + 2) * 3
        return first + second


def chain(depth: int) -> nn.Module:
    return nn.Sequential(
        *(layer for _ in range(depth) for layer in (nn.Linear(WIDTH, WIDTH, bias=False), nn.ReLU())),
    )


def test_a_forward_pass_needs_two_layers_at_a_time_however_deep_it_is() -> None:
    inputs = torch.randn(ITEMS, WIDTH)
    assert [peak_bytes(chain(depth), inputs, training=False) for depth in (1, 3, 6)] == [2 * LAYER] * 3


def test_what_the_backward_pass_needs_grows_with_depth() -> None:
    inputs = torch.randn(ITEMS, WIDTH)
    # Each activation is kept, and the last layer's sum is there while its activation is made.
    assert [peak_bytes(chain(depth), inputs, training=True) for depth in (1, 3, 6)] == [
        (depth + 1) * LAYER for depth in (1, 3, 6)
    ]


def test_it_is_proportional_to_the_items() -> None:
    few, many = (peak_bytes(chain(2), torch.randn(items, WIDTH), training=True) for items in (ITEMS, 5 * ITEMS))
    assert many == 5 * few


def test_what_has_to_stay_is_counted_and_changes_in_place_are_not() -> None:
    inputs = torch.randn(ITEMS, WIDTH)
    assert peak_bytes(Branches(), inputs, training=False) == 3 * LAYER
    assert peak_bytes(nn.ReLU(inplace=True), inputs, training=False) == 0
    assert peak_bytes(nn.Flatten(), inputs, training=False) == 0


def test_weights_and_buffers() -> None:
    assert weight_bytes(nn.BatchNorm1d(8)) == 4 * 4 * 8 + 8
