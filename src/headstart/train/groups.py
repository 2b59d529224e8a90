"""Rules and a model -> which parameters move, how fast, and which modules keep their statistics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.optim import SGD, AdamW, Optimizer

from headstart.core.errors import OptionError
from headstart.core.strategy import Rule, Strategy


@dataclass(frozen=True)
class Group:
    """Parameters that share a learning rate and a weight decay, by name."""

    learning_rate: float
    weight_decay: float
    parameters: dict[str, nn.Parameter]


def rate_of(name: str, rules: Sequence[Rule]) -> tuple[bool, float | None]:
    """Whether a rule covers the full parameter name, and the rate of the first that does (None: frozen)."""
    for rule in rules:
        if fnmatchcase(name, rule.pattern):
            return True, rule.learning_rate
    return False, None


def parameter_groups(model: nn.Module, strategy: Strategy) -> list[Group]:
    """Put every parameter into one group or freeze it, and set `requires_grad` to match.

    Weight decay is not applied to parameters of one dimension (biases and the scales of normalisation layers): pulling
    them to zero changes the function without regularising it. Raises `OptionError` for parameters that no rule covers,
    and where nothing is left to train.
    """
    uncovered: list[str] = []
    groups: dict[tuple[float, float], dict[str, nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        covered, rate = rate_of(name, strategy.rules)
        if not covered:
            uncovered.append(name)
        parameter.requires_grad_(rate is not None)
        if rate is not None:
            decay = strategy.weight_decay if parameter.ndim > 1 else 0.0
            groups.setdefault((rate, decay), {})[name] = parameter
    if uncovered:
        raise OptionError(
            [f"No rule covers the parameter '{name}'." for name in uncovered[:5]]
            + ([f"{len(uncovered) - 5} more parameters are not covered."] if len(uncovered) > 5 else []),
            hint="End the rules with the pattern '*', with a learning rate or without one (frozen).",
        )
    if not groups:
        raise OptionError("The rules freeze every parameter.", hint="Give at least one pattern a learning rate.")
    return [Group(rate, decay, parameters) for (rate, decay), parameters in groups.items()]


def set_modes(model: nn.Module, strategy: Strategy) -> None:
    """Training mode for what is trained, evaluation mode for what is frozen.

    A module is frozen when every parameter and buffer under it is, or when it has none and its parent is frozen: so
    dropout is off and batch-norm statistics stay bit-identical in frozen parts. With `normalisation` "frozen" the
    statistics of trained parts stay as well.
    """
    model.train()
    _freeze_modes(model, "", strategy.rules)
    if strategy.normalisation == "frozen":
        for module in model.modules():
            if isinstance(module, _BatchNorm):
                module.eval()


def _freeze_modes(module: nn.Module, prefix: str, rules: Sequence[Rule]) -> None:
    names = [name for name, _ in module.named_parameters(prefix)] + [name for name, _ in module.named_buffers(prefix)]
    if names and all(rate_of(name, rules)[1] is None for name in names):
        module.eval()
        return
    for name, child in module.named_children():
        _freeze_modes(child, f"{prefix}.{name}" if prefix else name, rules)


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
    if strategy.optimizer == "sgd":
        return SGD(described, momentum=strategy.momentum, nesterov=strategy.nesterov and strategy.momentum > 0)
    return AdamW(described)
