"""Convolutions as oneDNN likes them on a processor: weights laid out once, the activation applied on the way out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import torch
from torch import Tensor, nn

from headstart.features.calls import Producer, replace_modules, run_watched

ACTIVATIONS: dict[type[nn.Module], str] = {
    nn.ReLU: "relu",
    nn.ReLU6: "hardtanh",
    nn.Hardtanh: "hardtanh",
    nn.SiLU: "swish",
    nn.Hardswish: "hardswish",
}


class PackedConvolution(nn.Conv2d):
    """A convolution with its activation. The plain weights stay, for code that asks for their type or their shape."""

    def __init__(self, plain: nn.Conv2d, activation: nn.Module | None, *, shape: tuple[int, ...]) -> None:
        super().__init__(
            plain.in_channels,
            plain.out_channels,
            cast(tuple[int, int], plain.kernel_size),
            cast(tuple[int, int], plain.stride),
            cast(tuple[int, int], plain.padding),
            cast(tuple[int, int], plain.dilation),
            plain.groups,
            device="meta",
        )
        self.weight, self.bias = plain.weight, plain.bias
        self.activation = "none" if activation is None else ACTIVATIONS[type(activation)]
        self.limits = [activation.min_val, activation.max_val] if isinstance(activation, nn.Hardtanh) else []
        self.packed = torch.ops.mkldnn._reorder_convolution_weight(
            plain.weight.detach(), self.padding, self.stride, self.dilation, self.groups, shape
        )

    def forward(self, input: Tensor) -> Tensor:
        """The activation of the convolution of (N, C, H, W)."""
        output: Tensor = torch.ops.mkldnn._convolution_pointwise(
            input,
            self.packed,
            self.bias,
            self.padding,
            self.stride,
            self.dilation,
            self.groups,
            self.activation,
            self.limits,
            "",
        )
        return output


def can_pack() -> bool:
    """Whether this build of torch has the oneDNN operators that are used here."""
    operators = ("_reorder_convolution_weight", "_convolution_pointwise")
    return all(hasattr(torch.ops.mkldnn, name) for name in operators)


def pack_convolutions(network: nn.Module, inputs: Tensor, *, batch_size: int) -> int:
    """Pack every plain convolution of a float32 network in place, and return how many there were.

    The layout of the weights is chosen for batches of `batch_size` inputs like `inputs`; other sizes are right, too.
    """
    followed: dict[nn.Module, nn.Module] = {}

    def found(producer: Producer, activation: nn.Module, output: Tensor) -> None:
        del output
        followed[producer.convolution] = activation

    plain = [module for module in network.modules() if _is_plain(module)]
    with _shapes_seen(plain) as shapes:
        watch = run_watched(network, inputs, tuple(ACTIVATIONS), found)
    replacements: dict[nn.Module, nn.Module] = {}
    packed = [convolution for convolution in plain if watch.runs[convolution] == 1]
    for convolution in packed:
        activation = followed.get(convolution)
        if activation is not None and watch.runs[activation] == 1:
            replacements[activation] = nn.Identity()
        else:
            activation = None
        shape = (batch_size, *shapes[convolution][1:])
        replacements[convolution] = PackedConvolution(cast(nn.Conv2d, convolution), activation, shape=shape)
    replace_modules(network, replacements)
    return len(packed)


@contextmanager
def _shapes_seen(modules: list[nn.Module]) -> Iterator[dict[nn.Module, tuple[int, ...]]]:
    shapes: dict[nn.Module, tuple[int, ...]] = {}

    def before(module: nn.Module, arguments: tuple[Any, ...]) -> None:
        shapes[module] = tuple(arguments[0].shape)

    handles = [module.register_forward_pre_hook(before) for module in modules]
    try:
        yield shapes
    finally:
        for handle in handles:
            handle.remove()


def _is_plain(module: nn.Module) -> bool:
    return type(module) is nn.Conv2d and module.padding_mode == "zeros" and not isinstance(module.padding, str)
