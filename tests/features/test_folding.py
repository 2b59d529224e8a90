"""Folding batch norms: what may be folded is, what may not is left alone, and the output stays."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from headstart.features.folding import fold_batch_norm
from tests.features.samples import TinyBackbone


def trained(norm: nn.BatchNorm2d) -> nn.BatchNorm2d:
    """The layer with statistics and weights that are not those of a new one."""
    assert norm.running_mean is not None
    assert norm.running_var is not None
    norm.running_mean.normal_()
    norm.running_var.uniform_(0.5, 2)
    if norm.affine:
        nn.init.normal_(norm.weight, 1, 0.3)
        nn.init.normal_(norm.bias)
    return norm


class NormWithActivation(nn.BatchNorm2d):
    """As some libraries build it: the activation is a part of the layer."""

    def __init__(self, width: int) -> None:
        super().__init__(width)
        self.act = nn.ReLU(inplace=True)

    def forward(self, input: Tensor) -> Tensor:
        return self.act(super().forward(input))


class StandardisedConvolution(nn.Conv2d):
    """Its weights are not what it multiplies by."""

    def forward(self, input: Tensor) -> Tensor:
        return functional.conv2d(input, self.weight / self.weight.std(), self.bias, padding=self.padding)


class SamePadding(nn.Conv2d):
    """Pads by hand, and then multiplies by its weights."""

    def forward(self, input: Tensor) -> Tensor:
        return functional.conv2d(functional.pad(input, (1, 1, 1, 1)), self.weight, self.bias)


FOLDED: dict[str, Callable[[], nn.Module]] = {
    "plain": lambda: nn.Sequential(nn.Conv2d(3, 4, 3), trained(nn.BatchNorm2d(4))),
    "without bias": lambda: nn.Sequential(nn.Conv2d(3, 4, 3, bias=False), trained(nn.BatchNorm2d(4))),
    "depthwise": lambda: nn.Sequential(nn.Conv2d(3, 6, 3, groups=3), trained(nn.BatchNorm2d(6))),
    "not affine": lambda: nn.Sequential(nn.Conv2d(3, 4, 3), trained(nn.BatchNorm2d(4, affine=False))),
    "activation inside": lambda: nn.Sequential(nn.Conv2d(3, 4, 3), trained(NormWithActivation(4))),
    "own padding": lambda: nn.Sequential(SamePadding(3, 4, 3), trained(nn.BatchNorm2d(4))),
}
NOT_FOLDED: dict[str, Callable[[], nn.Module]] = {
    "weights standardised": lambda: nn.Sequential(StandardisedConvolution(3, 4, 3), trained(nn.BatchNorm2d(4))),
    "something between": lambda: nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), trained(nn.BatchNorm2d(4))),
    "no statistics": lambda: nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4, track_running_stats=False)),
    "norm first": lambda: nn.Sequential(trained(nn.BatchNorm2d(3)), nn.Conv2d(3, 4, 3)),
}


@pytest.mark.parametrize("name", FOLDED)
def test_folded(name: str) -> None:
    network = FOLDED[name]().eval()
    inputs = torch.randn(3, 3, 8, 8)
    before = network(inputs).detach()
    assert fold_batch_norm(network, inputs[:1]) == 1
    assert not any(isinstance(module, nn.BatchNorm2d) for module in network.modules())
    torch.testing.assert_close(network(inputs), before, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", NOT_FOLDED)
def test_not_folded(name: str) -> None:
    network = NOT_FOLDED[name]().eval()
    inputs = torch.randn(3, 3, 8, 8)
    before = network(inputs).detach()
    assert fold_batch_norm(network, inputs[:1]) == 0
    assert torch.equal(network(inputs), before)


def test_a_convolution_used_twice_is_left_alone() -> None:
    class Shared(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.convolution = nn.Conv2d(3, 3, 1)
            self.first, self.second = trained(nn.BatchNorm2d(3)), trained(nn.BatchNorm2d(3))

        def forward(self, inputs: Tensor) -> Tensor:
            return self.second(self.convolution(self.first(self.convolution(inputs))))

    network = Shared().eval()
    inputs = torch.randn(2, 3, 4, 4)
    before = network(inputs).detach()
    assert fold_batch_norm(network, inputs) == 0
    assert torch.equal(network(inputs), before)


def test_a_whole_backbone() -> None:
    backbone = TinyBackbone().eval()
    inputs = torch.randn(2, 3, 16, 16)
    before = backbone(inputs).pooled
    assert before is not None
    assert fold_batch_norm(backbone, inputs) == 2
    after = backbone(inputs).pooled
    assert after is not None
    torch.testing.assert_close(after, before, rtol=1e-5, atol=1e-5)
