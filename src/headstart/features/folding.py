"""Batch normalisation of a finished network is one multiplication and one addition: fold them into the convolution."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_weights

from headstart.features.calls import Producer, replace_modules, run_watched

TOLERANCE = 1e-4


def fold_batch_norm(network: nn.Module, inputs: Tensor) -> int:
    """Fold every batch normalisation that follows a convolution directly, and return how many there were.

    The network, in evaluation mode, is changed in place. Each fold is kept only where it gives what the two layers gave
    for `inputs`: a convolution that does more to its weights than multiply by them is left alone.
    """
    kept: dict[nn.Module, tuple[nn.Conv2d, nn.Module]] = {}

    def found(producer: Producer, norm: nn.Module, output: Tensor) -> None:
        rest = what_remains(cast(nn.BatchNorm2d, norm))
        convolution = producer.convolution
        if rest is None or any(convolution is other for other, _ in kept.values()):
            return
        before = convolution.weight, convolution.bias
        _fold(convolution, cast(nn.BatchNorm2d, norm))
        # Called without hooks: this is a check, not a part of the run that is being watched.
        if _equal(rest(convolution.forward(producer.inputs)), output):
            kept[norm] = (convolution, rest)
        convolution.weight, convolution.bias = before

    watch = run_watched(network, inputs, (nn.BatchNorm2d,), found)
    replacements = {}
    for norm, (convolution, rest) in kept.items():
        if watch.runs[norm] == 1 and watch.runs[convolution] == 1:
            _fold(convolution, cast(nn.BatchNorm2d, norm))
            replacements[norm] = rest
    replace_modules(network, replacements)
    return len(replacements)


def what_remains(norm: nn.BatchNorm2d) -> nn.Module | None:
    """What the layer does besides normalising: nothing, or the activation that some libraries build into it."""
    if norm.running_mean is None or norm.running_var is None:
        return None
    if type(norm) is nn.BatchNorm2d:
        return nn.Identity()
    activation = getattr(norm, "act", None)
    return activation if isinstance(activation, nn.Module) else None


def _fold(convolution: nn.Conv2d, norm: nn.BatchNorm2d) -> None:
    mean, variance = cast(Tensor, norm.running_mean), cast(Tensor, norm.running_var)
    convolution.weight, convolution.bias = fuse_conv_bn_weights(
        convolution.weight, convolution.bias, mean, variance, norm.eps, norm.weight, norm.bias
    )


def _equal(ours: Tensor, theirs: Tensor) -> bool:
    if ours.shape != theirs.shape:
        return False
    scale = theirs.abs().max()
    return bool(torch.isfinite(scale) & ((ours - theirs).abs().max() <= TOLERANCE * scale))
