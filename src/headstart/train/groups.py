"""Rules and a model -> which parameters move, how fast, and which modules keep their statistics."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from headstart.core.errors import OptionError
from headstart.core.strategy import Rule, Strategy
from headstart.tasks.task import Model
from headstart.train.adapter import belongs_to_adapter
from headstart.train.layers import BODY, depths, normalisation_names

MOMENTUM = 0.1
"""PyTorch's share of the new batch in running statistics. Some networks have less, MNASNet 0.0003 and MobileNetV3 0.01,
for hundreds of thousands of steps: after a few hundred, the statistics would still be mostly those of the start."""


@dataclass(frozen=True)
class Group:
    """Parameters that share a learning rate and a weight decay, by name."""

    learning_rate: float
    weight_decay: float
    parameters: dict[str, nn.Parameter]


def rate_of(name: str, rules: Sequence[Rule], *, normalisation: bool = False) -> tuple[bool, float | None]:
    """Whether a rule covers the full parameter name, and the rate of the first that does (None: frozen).

    `normalisation` says that the parameter belongs to a normalisation layer.
    """
    for rule in rules:
        if fnmatchcase(name, rule.pattern) and (rule.only == "all" or normalisation):
            return True, rule.learning_rate
    return False, None


def parameter_groups(model: Model, strategy: Strategy) -> list[Group]:
    """Put every parameter into one group or freeze it, and set `requires_grad` to match.

    Weight decay is not applied to parameters of one dimension (biases and the scales of normalisation layers): pulling
    them to zero changes the function without regularising it; nor to a body that is pulled to its start. Raises
    `OptionError` for parameters that no rule covers, and where nothing is left to train.
    """
    normalisation = normalisation_names(model)
    _check_normalisation(strategy.rules, normalisation.intersection(name for name, _ in model.named_parameters()))
    depth = depths(model) if strategy.layer_decay < 1 else {}
    uncovered: list[str] = []
    groups: dict[tuple[float, float], dict[str, nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        covered, rate = _own_rate(name, strategy, normalisation)
        if not covered:
            uncovered.append(name)
        parameter.requires_grad_(rate is not None)
        if rate is not None:
            anchored = strategy.anchor > 0 and name.startswith(BODY)
            decay = strategy.weight_decay if parameter.ndim > 1 and not anchored else 0.0
            groups.setdefault((rate * strategy.layer_decay ** depth.get(name, 0), decay), {})[name] = parameter
    if uncovered:
        raise OptionError(
            [f"No rule covers the parameter '{name}'." for name in uncovered[:5]]
            + ([f"{len(uncovered) - 5} more parameters are not covered."] if len(uncovered) > 5 else []),
            hint="End the rules with the pattern '*', with a learning rate or without one (frozen).",
        )
    if not groups:
        raise OptionError("The rules freeze every parameter.", hint="Give at least one pattern a learning rate.")
    return [Group(rate, decay, parameters) for (rate, decay), parameters in groups.items()]


def _own_rate(name: str, strategy: Strategy, normalisation: Collection[str]) -> tuple[bool, float | None]:
    if strategy.adapter is not None and belongs_to_adapter(name):
        return True, strategy.adapter.learning_rate
    return rate_of(name, strategy.rules, normalisation=name in normalisation)


def _check_normalisation(rules: Sequence[Rule], names: Collection[str]) -> None:
    """Training the normalisation layers of a network that has none would train less than was asked for, in silence.

    `names` are those of their parameters: scales that are kept as buffers cannot be trained.
    """
    for rule in rules:
        wanted = rule.only == "normalisation" and rule.learning_rate is not None
        if wanted and not any(fnmatchcase(name, rule.pattern) for name in names):
            raise OptionError(
                f"The network has no normalisation layer with scales and shifts among '{rule.pattern}'.",
                hint="Train other parts of it: see headstart fit --help for the strategies.",
            )


def set_modes(model: nn.Module, strategy: Strategy, *, closed: Collection[str] = ()) -> None:
    """Training mode for what is trained, evaluation mode for what is frozen or among the names that are still `closed`.

    A module is frozen when every parameter and buffer under it is, or when it has none and its parent is frozen: so
    dropout is off and batch-norm statistics stay bit-identical in frozen parts. With `normalisation` "frozen" the
    statistics of trained parts stay as well; else they follow the batches at least as closely as `MOMENTUM` says.
    """
    model.train()
    normalisation = normalisation_names(model)
    names = [name for name, _ in model.named_parameters()] + [name for name, _ in model.named_buffers()]
    trained = {name for name in names if name not in closed and _own_rate(name, strategy, normalisation)[1] is not None}
    _freeze_modes(model, "", trained)
    for module in model.modules():
        if isinstance(module, _BatchNorm):
            if strategy.normalisation == "frozen":
                module.eval()
            elif module.momentum is not None:
                module.momentum = max(module.momentum, MOMENTUM)


def _freeze_modes(module: nn.Module, prefix: str, trained: Collection[str]) -> None:
    names = [name for name, _ in module.named_parameters(prefix)] + [name for name, _ in module.named_buffers(prefix)]
    if names and not any(name in trained for name in names):
        module.eval()
        return
    for name, child in module.named_children():
        _freeze_modes(child, f"{prefix}.{name}" if prefix else name, trained)
