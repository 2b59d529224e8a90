"""The gradients of a batch, computed by several threads that each take a part of it on a core of their own.

On a processor that beats one batch on all cores, as it does for the feature pass: nobody waits at the end of a layer.
The parts' gradients are added up in their order, so the result does not depend on which thread was first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.dropout import _DropoutNd

from headstart.features.threads import cores_shared_out

Part = TypeVar("Part")


def can_share(model: nn.Module) -> bool:
    """Whether parts of a batch may run side by side: losses add up, and nothing in training has state or chance."""
    for module in model.modules():
        if module.training and isinstance(module, _BatchNorm) and module.track_running_stats:
            return False
        if module.training and isinstance(module, _DropoutNd) and module.p > 0:
            return False
        if module.training and getattr(module, "whole_batches", False):
            return False
        # timm and transformers have their own; their names are all there is to know them by.
        if module.training and "Drop" in type(module).__name__ and getattr(module, "drop_prob", False):
            return False
    return True


class Workers:
    """Threads with a core each."""

    def __init__(self, pool: ThreadPoolExecutor, count: int) -> None:
        self._pool, self.count = pool, count

    def gradients(self, model: nn.Module, parts: Sequence[Part], loss: Callable[[Part], Tensor]) -> float:
        """Add to the gradients of what is trained those of the sum of the parts' losses, and return that sum."""
        trained = [parameter for parameter in model.parameters() if parameter.requires_grad]

        def one(part: Part) -> tuple[float, tuple[Tensor | None, ...]]:
            with torch.enable_grad():
                value = loss(part)
                return float(value.detach()), torch.autograd.grad(value, trained, allow_unused=True)

        total = 0.0
        for value, gradients in self._pool.map(one, parts):
            total += value
            for parameter, gradient in zip(trained, gradients, strict=True):
                if gradient is not None:
                    parameter.grad = gradient if parameter.grad is None else parameter.grad.add_(gradient)
        return total


@contextmanager
def workers(device: str) -> Iterator[Workers]:
    """As many threads as there are cores, each with its share of them; on other devices a single one."""
    with cores_shared_out(device) as count:
        start = (torch.get_num_threads(),)
        with ThreadPoolExecutor(count, "headstart-train", torch.set_num_threads, start) as pool:
            yield Workers(pool, count)
