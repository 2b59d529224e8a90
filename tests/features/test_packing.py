"""Packed convolutions compute what plain ones do, for any size of batch."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from headstart.features.packing import ACTIVATIONS, PackedConvolution, can_pack, pack_convolutions
from tests.features.samples import TinyBackbone

pytestmark = pytest.mark.skipif(not can_pack(), reason="this build of torch has no oneDNN operators")

CONVOLUTIONS = {
    "plain": lambda: nn.Conv2d(8, 16, 3),
    "without bias": lambda: nn.Conv2d(8, 16, 3, bias=False),
    "strided and padded": lambda: nn.Conv2d(8, 16, 3, stride=2, padding=1),
    "dilated": lambda: nn.Conv2d(8, 16, 3, dilation=2),
    "grouped": lambda: nn.Conv2d(8, 16, 3, groups=4),
    "depthwise": lambda: nn.Conv2d(8, 8, 3, groups=8, padding=1),
    "pointwise": lambda: nn.Conv2d(8, 16, 1),
    "not square": lambda: nn.Conv2d(8, 16, (1, 5), padding=(0, 2)),
}


def packed(network: nn.Module, inputs: torch.Tensor) -> int:
    count = pack_convolutions(network, inputs[:1], batch_size=4)
    assert count == sum(isinstance(module, PackedConvolution) for module in network.modules())
    return count


@pytest.mark.parametrize("name", CONVOLUTIONS)
@pytest.mark.parametrize("activation", [None, *ACTIVATIONS], ids=lambda kind: kind and kind.__name__)
def test_with_and_without_activation(name: str, activation: type[nn.Module] | None) -> None:
    layers = [CONVOLUTIONS[name](), *([activation()] if activation else [])]
    network = nn.Sequential(*layers).eval()
    inputs = torch.randn(7, 8, 12, 12).contiguous(memory_format=torch.channels_last)
    before = network(inputs).detach()
    assert packed(network, inputs) == 1
    assert activation is None or isinstance(network[1], nn.Identity)
    for count in (7, 4, 1):
        with torch.inference_mode():
            torch.testing.assert_close(network(inputs[:count]), before[:count], rtol=1e-5, atol=1e-5)


def test_limits_of_a_hard_tanh_are_kept() -> None:
    network = nn.Sequential(nn.Conv2d(8, 8, 1), nn.Hardtanh(-0.2, 0.3))
    inputs = torch.randn(2, 8, 5, 5)
    packed(network, inputs)
    with torch.inference_mode():
        output = network(inputs)
    assert (float(output.min()), float(output.max())) == pytest.approx((-0.2, 0.3))


def test_what_is_not_plain_is_left_alone() -> None:
    class Other(nn.Conv2d):
        pass

    network = nn.Sequential(
        Other(8, 8, 1), nn.Conv2d(8, 8, 3, padding="same"), nn.Conv2d(8, 8, 3, padding=1, padding_mode="reflect")
    )
    assert packed(network, torch.randn(2, 8, 6, 6)) == 0


def test_an_activation_used_twice_stays_where_it_is() -> None:
    act = nn.ReLU()
    network = nn.Sequential(nn.Conv2d(8, 8, 1), act, nn.Conv2d(8, 8, 1), act).eval()
    inputs = torch.randn(2, 8, 5, 5)
    before = network(inputs).detach()
    assert packed(network, inputs) == 2
    with torch.inference_mode():
        torch.testing.assert_close(network(inputs), before, rtol=1e-5, atol=1e-5)


def test_a_residual_added_in_place_stays_before_its_activation() -> None:
    class Residual(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.convolution, self.act = nn.Conv2d(8, 8, 1), nn.ReLU()

        def forward(self, inputs: torch.Tensor) -> torch.Tensor:
            output = self.convolution(inputs)
            output += inputs
            return self.act(output)

    network = Residual()
    inputs = torch.randn(2, 8, 5, 5)
    before = network(inputs).detach()
    assert packed(network, inputs) == 1
    assert isinstance(network.act, nn.ReLU)
    with torch.inference_mode():
        torch.testing.assert_close(network(inputs), before, rtol=1e-5, atol=1e-5)


def test_plain_weights_stay_for_those_who_ask() -> None:
    backbone = TinyBackbone().eval()
    packed(backbone, torch.randn(1, 3, 16, 16))
    assert backbone.stem.weight.dtype == torch.float32
    assert (backbone.stem.stride, backbone.stem.padding) == ((2, 2), (1, 1))
