"""How the learning rates change over the steps of a run."""

from __future__ import annotations

import math

from torch.optim import Optimizer

from headstart.core.strategy import Strategy


def warm_up_steps(strategy: Strategy, total: int) -> int:
    """The steps over which the rates rise: the fraction `warm_up` of all steps, and never all of them."""
    return min(round(strategy.warm_up * total), total - 1)


def rate_factor(step: int, total: int, strategy: Strategy) -> float:
    """What the rates are multiplied by at `step` (from 0) of `total`.

    They rise in equal parts to 1 at the last step of the warm-up; from there they stay (`constant`), or fall along half
    a cosine (`cosine`) that would reach 0 one step after the last.
    """
    warm_up = warm_up_steps(strategy, total)
    if step < warm_up:
        return (step + 1) / warm_up
    if strategy.schedule == "constant":
        return 1.0
    return 0.5 * (1 + math.cos(math.pi * (step - warm_up) / (total - warm_up)))


def set_rates(optimizer: Optimizer, factor: float) -> list[float]:
    """Scale the rate of each parameter group, and return the different rates in order."""
    for group in optimizer.param_groups:
        group["lr"] = group["initial_lr"] * factor
    return list(dict.fromkeys(float(group["lr"]) for group in optimizer.param_groups))
