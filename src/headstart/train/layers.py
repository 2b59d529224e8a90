"""What a model says of its parameters: which belong to normalisation layers, and how far each is from the head."""

from __future__ import annotations

from torch import nn
from torch.nn.modules.batchnorm import _NormBase

from headstart.tasks.task import Model

KINDS = (_NormBase, nn.LayerNorm, nn.GroupNorm, nn.RMSNorm, nn.LocalResponseNorm)
BODY = "backbone."


def normalisation_names(model: nn.Module) -> frozenset[str]:
    """Full names of the parameters and buffers that belong to normalisation layers themselves, not to layers inside.

    A layer is one by its type, or where a library's own class has `Norm` in its name.
    """
    names: set[str] = set()
    for prefix, module in model.named_modules():
        if isinstance(module, KINDS) or "Norm" in type(module).__name__:
            start = f"{prefix}." if prefix else ""
            names |= {start + name for name, _ in module.named_parameters(recurse=False)}
            names |= {start + name for name, _ in module.named_buffers(recurse=False)}
    return frozenset(names)


def groups_from_head(model: Model) -> list[tuple[str, ...]]:
    """Full parameter names of the backbone's layer groups, the one that is nearest the head first."""
    return [tuple(BODY + name for name in names) for names in reversed(model.backbone.layer_groups())]


def depths(model: Model) -> dict[str, int]:
    """How many layer groups lie between a parameter of the backbone and the head, its own counted: 1 is the nearest."""
    return {name: depth for depth, names in enumerate(groups_from_head(model), start=1) for name in names}
