"""Low-rank updates beside frozen layers (LoRA), by peft: put in before a training, merged into the weights after it."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from torch import nn

from headstart.core.errors import OptionError
from headstart.core.strategy import Adapter
from headstart.tasks.task import Model

MARK = ".lora_"
"""What peft puts into the names of the parameters that it adds."""


def belongs_to_adapter(name: str) -> bool:
    """Whether a full parameter name is that of a low-rank update."""
    return MARK in name


@contextmanager
def adapted(model: Model, adapter: Adapter | None) -> Iterator[None]:
    """Inside, the backbone has low-rank updates; afterwards it has its own layers again, the updates added to them.

    Raises `OptionError` where no layer can take one.
    """
    if adapter is None:
        yield
        return
    insert(model, adapter)
    try:
        yield
    finally:
        merge(model)


def insert(model: Model, adapter: Adapter) -> None:
    """Put a low-rank update beside every layer that can take one; it starts at zero, by torch's present randomness."""
    from peft import LoraConfig, inject_adapter_in_model
    from peft.tuners.tuners_utils import BaseTunerLayer

    names = layers(model.backbone)
    if not names:
        raise OptionError(
            f"{model.backbone.card.id} has no layer that a low-rank adapter could be merged into: it takes linear"
            " layers and plain convolutions that are not grouped.",
            hint="Use another strategy, such as lp-ft, or another model.",
        )
    alpha: Any = adapter.alpha  # peft says a whole number, and only ever divides it by the rank
    config = LoraConfig(r=adapter.rank, lora_alpha=alpha, target_modules=names, lora_dropout=0.0)
    inject_adapter_in_model(config, model.backbone)
    for module in model.backbone.modules():
        if isinstance(module, BaseTunerLayer):
            _answer_as(module, module.get_base_layer())


def _answer_as(layer: nn.Module, base: nn.Module) -> None:
    """Let the layer know its numbers: MobileNets of transformers ask their convolutions for the stride."""
    for name in getattr(base, "__constants__", ()):
        if not hasattr(layer, name) and hasattr(base, name):
            setattr(layer, name, getattr(base, name))


def layers(backbone: nn.Module) -> list[str]:
    """Names of the linear layers and the ungrouped convolutions that compute just what torch's own do.

    Grouped ones cannot be merged; a subclass with a computation of its own (padding as in TensorFlow, standardised
    weights) would not be what the update is added to, and attention in one piece reads the weights past the layer.
    """
    inside = tuple(f"{name}." for name, module in backbone.named_modules() if isinstance(module, nn.MultiheadAttention))
    found = []
    for name, module in backbone.named_modules():
        linear = isinstance(module, nn.Linear) and type(module).forward is nn.Linear.forward
        plain = isinstance(module, nn.Conv2d) and module.groups == 1 and type(module).forward is nn.Conv2d.forward
        if (linear or plain) and not name.startswith(inside):
            found.append(name)
    return found


def merge(model: Model) -> None:
    """Add the updates to the weights of their layers, and put these back in their places."""
    from peft.tuners.tuners_utils import BaseTunerLayer

    for name, module in list(model.backbone.named_modules()):
        if isinstance(module, BaseTunerLayer):
            with warnings.catch_warnings():
                warnings.simplefilter("error")  # peft only warns where it merges nothing
                module.merge()
            parent, _, own = name.rpartition(".")
            setattr(model.backbone.get_submodule(parent), own, module.get_base_layer())
    del model.backbone.peft_config


def merged_copy(model: Model) -> Model:
    """The model as it will be after the training; the one that is being trained stays as it is."""
    copied = copy.deepcopy(model)
    merge(copied)
    return copied
