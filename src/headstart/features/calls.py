"""Which module's output is which module's input: seen by running a network once, so that it works for any library."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn


@dataclass
class Producer:
    """A convolution that has run, with what it took and what it gave."""

    convolution: nn.Conv2d
    inputs: Tensor
    output: Tensor
    version: int


@dataclass
class Watch:
    """The convolutions of a run whose output no watched module has taken yet, and how often each module ran."""

    waiting: dict[int, Producer] = field(default_factory=dict)
    runs: Counter[nn.Module] = field(default_factory=Counter)

    def taken(self, inputs: Tensor) -> Producer | None:
        """The convolution whose output this very tensor is, unchanged since; it is no longer waiting then."""
        producer = self.waiting.pop(id(inputs), None)
        # A residual that is added in place leaves the same tensor with another version.
        unchanged = producer is not None and producer.version == inputs._version
        return producer if unchanged else None


def run_watched(
    network: nn.Module,
    inputs: Tensor,
    kinds: tuple[type[nn.Module], ...],
    found: Callable[[Producer, nn.Module, Tensor], None],
) -> Watch:
    """Run the network once and call `found` whenever a module of these kinds takes a convolution's output as it is.

    `found` gets the convolution with its tensors, the module and the module's output, before anything else runs.
    """
    watch = Watch()

    def after(module: nn.Module, arguments: tuple[Any, ...], output: Any) -> None:
        watch.runs[module] += 1
        if isinstance(module, nn.Conv2d):
            watch.waiting[id(output)] = Producer(module, arguments[0], output, output._version)
        elif producer := watch.taken(arguments[0]):
            found(producer, module, output)

    watched = [module for module in network.modules() if isinstance(module, (nn.Conv2d, *kinds))]
    handles = [module.register_forward_hook(after) for module in watched]
    try:
        # Not `inference_mode`: its tensors have no version, by which a change in place is seen.
        with torch.no_grad():
            network(inputs)
    finally:
        for handle in handles:
            handle.remove()
    return watch


def replace_modules(network: nn.Module, replacements: dict[nn.Module, nn.Module]) -> None:
    """Put other modules in the place of these, under the same names."""
    for parent in list(network.modules()):
        for name, child in list(parent.named_children()):
            if child in replacements:
                setattr(parent, name, replacements[child])
