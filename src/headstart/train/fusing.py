"""Batch normalisation that keeps its statistics, as a part of the convolution before it: fewer passes over the maps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from headstart.features.calls import Producer, run_watched
from headstart.features.folding import what_remains

TOLERANCE = 1e-4

Pair = tuple[nn.Conv2d, nn.BatchNorm2d, nn.Module]


class FusedNorms:
    """The pairs of a convolution and the batch normalisation right after it, and a way to compute each in one go.

    The scale of the normalisation is multiplied into the weight for every batch, so weight, scale and shift are learnt
    as if the layers were apart. Only for normalisations that keep their statistics.
    """

    def __init__(self, network: nn.Module, inputs: Tensor) -> None:
        """Find the pairs by running the network on `inputs` once, in evaluation mode; it is left as it was."""
        modes = [(module, module.training) for module in network.modules()]
        found: dict[nn.Module, Pair] = {}

        def pair(producer: Producer, norm: nn.Module, output: Tensor) -> None:
            convolution, batch_norm = producer.convolution, cast(nn.BatchNorm2d, norm)
            rest = what_remains(batch_norm)
            if rest is None or type(convolution) is not nn.Conv2d or batch_norm.weight is None:
                return
            ours = rest.forward(_fused(convolution, batch_norm, producer.inputs))
            scale = output.abs().max()
            if ours.shape == output.shape and bool((ours - output).abs().max() <= TOLERANCE * scale):
                found[norm] = (convolution, batch_norm, rest)

        try:
            watch = run_watched(network.eval(), inputs, (nn.BatchNorm2d,), pair)
        finally:
            for module, mode in modes:
                module.training = mode
        once = [pair for norm, pair in found.items() if watch.runs[norm] == 1 and watch.runs[pair[0]] == 1]
        self.pairs: tuple[Pair, ...] = tuple(once)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Inside, the pairs are computed in one go; copies of the network must not be made meanwhile."""
        try:
            for convolution, norm, rest in self.pairs:
                _set_forward(convolution, partial(_fused, convolution, norm))
                _set_forward(norm, rest.forward)
            yield
        finally:
            for convolution, norm, _ in self.pairs:
                convolution.__dict__.pop("forward", None)
                norm.__dict__.pop("forward", None)


def _set_forward(module: nn.Module, forward: Any) -> None:
    # Into the instance: the class keeps its own, and the module its name, weights and hooks.
    module.__dict__["forward"] = forward


def _fused(convolution: nn.Conv2d, norm: nn.BatchNorm2d, inputs: Tensor) -> Tensor:
    mean, variance = cast(Tensor, norm.running_mean), cast(Tensor, norm.running_var)
    scale = norm.weight * torch.rsqrt(variance + norm.eps)
    shift = norm.bias - mean * scale
    if convolution.bias is not None:
        shift = shift + convolution.bias * scale
    weight = convolution.weight * scale[:, None, None, None]
    stride, padding, dilation = convolution.stride, convolution.padding, convolution.dilation
    return functional.conv2d(inputs, weight, shift, stride, padding, dilation, convolution.groups)
