"""A network without a classifier in the shape of one whose classifier is off; the contract suite runs real ones."""

from __future__ import annotations

from types import SimpleNamespace

import torch
from torch import Tensor, nn

from headstart.models.transformers.tower import Tower


class Network(nn.Module):
    """Pools to the mean of each channel, and notes whether it was asked to stretch its positions."""

    config = SimpleNamespace(num_channels=3)

    def forward(self, pixel_values: Tensor, interpolate_pos_encoding: bool = False) -> SimpleNamespace:
        self.asked = interpolate_pos_encoding
        return SimpleNamespace(pooler_output=pixel_values.mean((2, 3)))


class Rigid(Network):
    """Cannot be asked."""

    def forward(self, pixel_values: Tensor) -> SimpleNamespace:  # type: ignore[override]
        return super().forward(pixel_values)


def test_what_is_pooled_stands_where_logits_would() -> None:
    inputs = torch.randn(2, 3, 4, 4)
    network = Network()
    assert torch.equal(Tower(network)(inputs).logits, inputs.mean((2, 3)))
    assert network.asked
    rigid = Rigid()
    assert torch.equal(Tower(rigid)(pixel_values=inputs).logits, inputs.mean((2, 3)))
    assert not rigid.asked
