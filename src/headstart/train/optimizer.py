"""Groups of parameters -> the optimiser that moves them, all numbers of a parameter in one pass over memory.

torch's fused AdamW takes a sixth of the time of its default on a processor, which saves a sixth of a short step of a
text network with its table of words (benchmarks/README.md, "Fused steps"). On a processor it walks through the memory
of a parameter and of its gradient side by side, without looking whether both are laid out alike, and moves the wrong
numbers where they are not: so gradients are put into the layout of their parameters first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.optim import SGD, AdamW, Optimizer

from headstart.core.strategy import Strategy
from headstart.train.groups import Group

FUSED_ON = ("cpu", "cuda")


def build_optimizer(groups: Sequence[Group], strategy: Strategy) -> Optimizer:
    """The optimiser over these groups; each keeps its own rate, in `initial_lr` too, for the schedule to scale."""
    described: list[dict[str, Any]] = [
        {
            "params": list(group.parameters.values()),
            "lr": group.learning_rate,
            "initial_lr": group.learning_rate,
            "weight_decay": group.weight_decay,
        }
        for group in groups
    ]
    optimizer: Optimizer
    if strategy.optimizer == "sgd":  # torch's fused one fails where a layer joins later than others
        nesterov = strategy.nesterov and strategy.momentum > 0
        optimizer = SGD(described, momentum=strategy.momentum, nesterov=nesterov)
    else:
        parameters = [parameter for group in groups for parameter in group.parameters.values()]
        optimizer = AdamW(described, fused=all(map(_can_be_fused, parameters)))
    optimizer.register_step_pre_hook(_lay_out)
    return optimizer


def _can_be_fused(parameter: Tensor) -> bool:
    """Whether the device has the kernel, and the parameter no gaps in its memory: else a copy is laid out otherwise."""
    known = parameter.device.type in FUSED_ON and parameter.is_floating_point()
    return known and torch.empty_like(parameter, device="meta").stride() == parameter.stride()


def _lay_out(optimizer: Optimizer, _arguments: object, _named: object) -> None:
    """Give every gradient the memory layout of its parameter."""
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            gradient = parameter.grad
            if gradient is not None and gradient.stride() != parameter.stride():
                parameter.grad = torch.empty_like(parameter).copy_(gradient)
