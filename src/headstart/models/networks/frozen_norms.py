"""Batch norms that a library keeps frozen, whatever is trained: right for pretrained weights, and only for those.

A network without them would stay at mean 0 and variance 1: it would be trained as if it had no normalisation at all.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

KEPT = ("weight", "bias", "running_mean", "running_var")
EPSILON = 1e-5
"""Both torchvision and transformers add it; only torchvision's says so."""


def frozen_norms(network: nn.Module) -> list[str]:
    """The names of the modules that are such norms. Every library has classes of its own: they are known by name."""
    return [name for name, module in network.named_modules() if type(module).__name__.endswith("FrozenBatchNorm2d")]


def train_norms(network: nn.Module) -> None:
    """Put ordinary batch norms in their place, in place: with their numbers, under the same names in the state dict."""
    for name in frozen_norms(network):
        frozen: Any = network.get_submodule(name)
        norm = nn.BatchNorm2d(len(frozen.weight), eps=getattr(frozen, "eps", EPSILON), device=frozen.weight.device)
        with torch.no_grad():
            for kept in KEPT:
                getattr(norm, kept).copy_(getattr(frozen, kept))
        network.set_submodule(name, norm.train(frozen.training))
