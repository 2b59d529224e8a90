"""How many items go through the network at a time, when the whole batch may not fit in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from headstart.core.errors import TrainingError
from headstart.core.modality import noun
from headstart.tasks.task import Model
from headstart.train.memory import free_memory

MEMORY_SHARE = 0.6
"""The share of free memory that one step may take: gradients and the feed need some as well."""
LESS = {"image": "Give a smaller --image-size, or a smaller model."}
"""What makes an item take less memory, by what it is."""


def largest_fitting(
    model: Model, inputs: Tensor, *, batch: int, backward: Callable[[Tensor], None], whole: bool = False
) -> int:
    """The largest number of items that fits: `batch` itself, or a power of two below it unless it is wanted `whole`.

    `inputs` (N, C, H, W) are an example, on the device; `backward` runs the network and its gradients on inputs. On a
    GPU sizes are tried out; elsewhere what one item keeps for its gradients is counted and compared with free memory.
    Weights and batch-norm statistics are left as they were. Raises `TrainingError` where not even one item fits, or
    not the whole batch where that is wanted.
    """
    with _unchanged(model):
        found = _fitting(model, inputs, batch, backward)
    if whole and found < batch:
        raise TrainingError(
            f"A batch of {batch} does not fit in the memory that is free, {found} do, and its items are compared with "
            "each other.",
            hint=f"Give --batch-size {found}, a smaller model, or end other programs that take memory.",
        )
    return found


@contextmanager
def single_values_explained() -> Iterator[None]:
    """Say what to do where batch norms are to be trained on one value a channel, which torch refuses."""
    try:
        yield
    except ValueError as error:
        if "more than 1 value per channel" not in str(error):
            raise
        raise TrainingError(
            "Batch norms cannot be trained on a single item whose last feature map has one place.",
            hint="Give a --batch-size of 2 or more, a larger --image-size, or --normalisation frozen.",
        ) from error


def _fitting(model: Model, inputs: Tensor, batch: int, backward: Callable[[Tensor], None]) -> int:
    if inputs.device.type == "cuda":
        return _tried_out(model, inputs, batch, backward)
    room = MEMORY_SHARE * free_memory(str(inputs.device))
    most = room / max(bytes_per_item(inputs, backward), 1)
    return _size_within(most, batch, modality=model.backbone.card.modality)


def bytes_per_item(inputs: Tensor, backward: Callable[[Tensor], None]) -> float:
    """Bytes that the network keeps of one item until its gradients are known, apart from the weights."""
    kept: dict[int, int] = {}

    def remember(tensor: Tensor) -> Tensor:
        if not isinstance(tensor, torch.nn.Parameter):
            storage = tensor.untyped_storage()
            kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(remember, lambda tensor: tensor):
        backward(inputs)
    return sum(kept.values()) / len(inputs)


def _size_within(most: float, batch: int, *, modality: str) -> int:
    if most >= batch:
        return batch
    if most < 1:
        raise TrainingError(
            f"Not even one {noun(modality)} at a time fits in the memory that is free.",
            hint=LESS.get(modality, "Give a smaller model, or end other programs that take memory."),
        )
    return 1 << (int(most).bit_length() - 1)


def _tried_out(model: Model, inputs: Tensor, batch: int, backward: Callable[[Tensor], None]) -> int:
    size = batch
    while size >= 1:
        try:
            repeats = -(-size // len(inputs))
            backward(inputs.repeat(repeats, 1, 1, 1)[:size])
        except torch.cuda.OutOfMemoryError:
            model.zero_grad(set_to_none=True)
            torch.cuda.empty_cache()
            size = 1 << ((size - 1).bit_length() - 1) if size > 1 else 0
        else:
            return size
    return _size_within(0, batch, modality=model.backbone.card.modality)


@contextmanager
def _unchanged(model: Model) -> Iterator[None]:
    """Evaluation mode inside, so that no statistics move; modes are restored and gradients dropped afterwards."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        model.zero_grad(set_to_none=True)
        for module, mode in modes:
            module.training = mode
