"""Depthwise convolutions with a stride or a dilation, in bfloat16 on a processor: gradients by way of float32.

With a stride it is those of the inputs: oneDNN has no quick kernel for them, and on a processor with bfloat16 hardware
they took a quarter of the time of a step of MobileNetV2, and ten times as long as in float32. With a dilation it is
those of the weights: torch 2.14.1 leaves three or four of the filters' gradients as the memory happened to be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode

Pair = tuple[int, int]


@contextmanager
def mended_depthwise(model: nn.Module) -> Iterator[None]:
    """Inside, such convolutions of the model compute their gradients so; what they give is the same."""
    before = {module: module.__dict__.get("forward") for module in model.modules() if _suits(module)}
    try:
        for module in before:
            module.__dict__["forward"] = _watched(module.forward)
        yield
    finally:
        for module, forward in before.items():
            if forward is None:
                module.__dict__.pop("forward", None)
            else:
                module.__dict__["forward"] = forward


def _suits(module: nn.Module) -> bool:
    return (
        isinstance(module, nn.Conv2d)
        and module.groups == module.in_channels == module.out_channels > 1
        and max(*module.stride, *module.dilation) > 1
    )


def _watched(forward: Callable[..., Tensor]) -> Callable[..., Tensor]:
    def run(*given: Any, **named: Any) -> Tensor:
        with _Convolutions():  # subclasses pad in ways of their own before they convolve
            return forward(*given, **named)

    return run


class _Convolutions(TorchFunctionMode):
    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        del types
        run = _convolved if func is functional.conv2d else func
        return run(*args, **(kwargs or {}))


def _convolved(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: int | Pair = 1,
    padding: int | Pair | str = 0,
    dilation: int | Pair = 1,
    groups: int = 1,
) -> Tensor:
    # The names are those that the library's own function is called by.
    dtype = torch.get_autocast_dtype("cpu") if torch.is_autocast_enabled("cpu") else input.dtype
    if dtype != torch.bfloat16 or isinstance(padding, str) or not (input.requires_grad or weight.requires_grad):
        return functional.conv2d(input, weight, bias, stride, padding, dilation, groups)
    narrow = input.to(dtype), weight.to(dtype), None if bias is None else bias.to(dtype)
    result: Tensor = _Mended.apply(*narrow, _pair(stride), _pair(padding), _pair(dilation), groups)
    return result


def _pair(value: int | Pair) -> Pair:
    return (value, value) if isinstance(value, int) else (value[0], value[1])


class _Mended(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        inputs: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        stride: Pair,
        padding: Pair,
        dilation: Pair,
        groups: int,
    ) -> Tensor:
        ctx.save_for_backward(inputs, weight)
        ctx.places = stride, padding, dilation, groups
        return functional.conv2d(inputs, weight, bias, stride, padding, dilation, groups)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Any, ...]:
        (gradient,) = gradients
        inputs, weight = ctx.saved_tensors
        stride, _, dilation, _ = ctx.places
        for_inputs, for_weight, for_bias = ctx.needs_input_grad[:3]
        quick = [for_inputs and max(stride) == 1, for_weight and max(dilation) == 1, for_bias]
        found = list(_backward(gradient, inputs, weight, ctx.places, quick))
        wide = weight.float()
        # Picture by picture, so that what is widened stays in the processor's caches.
        pictures = [slice(place, place + 1) for place in range(len(inputs))]
        if for_inputs and not quick[0]:
            like = torch.empty_like(inputs[:1], dtype=torch.float32)
            found[0] = torch.empty_like(inputs)
            for one in pictures:
                found[0][one] = _backward(gradient[one].float(), like, wide, ctx.places, [True, False, False])[0]
        if for_weight and not quick[1]:
            each = (
                _backward(gradient[one].float(), inputs[one].float(), wide, ctx.places, [False, True, False])[1]
                for one in pictures
            )
            found[1] = sum(each, torch.zeros_like(wide)).to(weight.dtype)
        return *found, None, None, None, None


def _backward(gradient: Tensor, inputs: Tensor, weight: Tensor, places: Any, wanted: list[bool]) -> Any:
    stride, padding, dilation, groups = places
    return torch.ops.aten.convolution_backward(
        gradient, inputs, weight, [len(weight)], stride, padding, dilation, False, (0, 0), groups, wanted
    )
