"""The memory that a network needs, counted while it runs once: every tensor that is made, until it is given back."""

from __future__ import annotations

import weakref
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

# Gradient and the two running means of AdamW, for each weight.
PER_TRAINED_WEIGHT = 3


class _Counted(TorchDispatchMode):
    """Bytes of the storages that were made inside and still live, and the most that lived at a time."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # torch gives it no types
        self.live = self.peak = 0
        self.known: set[int] = set()

    def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        before = {_key(tensor) for tensor in _tensors((args, kwargs or {}))}
        result = function(*args, **(kwargs or {}))
        for tensor in _tensors(result):
            key = _key(tensor)
            if key not in before and key not in self.known:
                self._add(tensor, key)
        return result

    def _add(self, tensor: Tensor, key: int) -> None:
        storage = tensor.untyped_storage()
        count = storage.nbytes()
        self.known.add(key)
        self.live += count
        self.peak = max(self.peak, self.live)
        weakref.finalize(storage, self._remove, key, count)

    def _remove(self, key: int, count: int) -> None:
        self.known.discard(key)
        self.live -= count


def peak_bytes(network: nn.Module, inputs: Tensor, *, training: bool) -> int:
    """The most memory that tensors take at a time in one forward pass, beside weights and inputs.

    With `training` it is what lies ready for the backward pass. What a library's own working space takes is not seen.
    """
    counted = _Counted()
    with torch.set_grad_enabled(training), counted:
        kept = network(inputs)
    del kept
    return counted.peak


def weight_bytes(network: nn.Module) -> int:
    """The memory of weights and buffers."""
    values = [*network.parameters(), *network.buffers()]
    return sum(value.numel() * value.element_size() for value in values)


def _tensors(values: Any) -> list[Tensor]:
    return [leaf for leaf in tree_leaves(values) if isinstance(leaf, Tensor)]


def _key(tensor: Tensor) -> int:
    return int(tensor.untyped_storage()._cdata)
