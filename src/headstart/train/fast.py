"""One step's gradients as fast as this machine gives them: batch norms fused, and a part of the batch on each core."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import accumulate
from typing import Any

import torch
from torch import Tensor

from headstart.core.runtime import Precision
from headstart.core.strategy import Strategy
from headstart.models.backbone import Features
from headstart.tasks.task import Model
from headstart.train.depthwise import mended_depthwise
from headstart.train.feed import Batch
from headstart.train.fusing import FusedNorms
from headstart.train.mixup import Mixed
from headstart.train.workers import Workers, can_share, workers

LEAST_PART = 4
"""Items that a core takes at least: with fewer, starting the layers costs more than the cores gain."""


class FastTraining:
    """How the parts of a batch run forward and backward. Gradients are those of the plain way, up to rounding."""

    def __init__(self, model: Model, strategy: Strategy, *, device: str, precision: Precision) -> None:
        self._model, self._device = model, device
        self._keeps_statistics = strategy.normalisation == "frozen"
        # A loss that compares the items of a batch is not the sum of those of its parts.
        self._shares = device == "cpu" and precision == "float32" and strategy.contrast is None
        self._depthwise = device == "cpu" and precision == "bfloat16"
        self._norms: FusedNorms | None = None
        self._workers: Workers | None = None

    def prepare(self, inputs: Tensor | Features) -> None:
        """Look once at how the network runs; features out of the cache have nothing that could be fused or shared."""
        if isinstance(inputs, Features):
            self._shares = False
        elif self._keeps_statistics:
            self._norms = FusedNorms(self._model.backbone, inputs[:1])

    @contextmanager
    def running(self) -> Iterator[None]:
        """Inside, steps may be taken; the modes of the network's modules are set before. It must not be copied."""
        with ExitStack() as stack:
            if self._norms is not None:
                stack.enter_context(self._norms.applied())
            if self._depthwise:
                stack.enter_context(mended_depthwise(self._model))
            # What cannot be shared runs on all cores at once, so that they must not be shared out.
            if self._shares and can_share(self._model):
                self._workers = stack.enter_context(workers(self._device))
            try:
                yield
            finally:
                self._workers = None

    def backward(self, batches: Sequence[Batch | Mixed], loss: Callable[[Batch | Mixed], Tensor]) -> float:
        """Add the gradients of the sum of the batches' losses to those there are, and return the sum."""
        if self._workers is not None and can_share(self._model):
            parts = [part for batch in batches for part in _shared_out(batch, self._workers.count)]
            # A part's loss is its own mean, weighted by its share of the batch: `loss` sees to that.
            return self._workers.gradients(self._model, parts, loss)
        total = 0.0
        for batch in batches:
            value = loss(batch)
            value.backward()  # type: ignore[no-untyped-call]
            total += float(value.detach())
        return total


def set_layout(model: Model, layout: torch.memory_format) -> None:
    """Lay out the weights of convolutions; channels-last is what the convolution kernels are fastest with."""
    if any(parameter.ndim == 4 for parameter in model.parameters()):
        model.to(memory_format=layout)


def _shared_out(batch: Batch | Mixed, workers: int) -> list[Batch | Mixed]:
    """The batch in as many parts as there are workers, or in fewer where they would be too small."""
    assert isinstance(batch.inputs, Tensor)
    number = max(min(workers, len(batch.targets) // LEAST_PART), 1)
    inputs, targets = torch.tensor_split(batch.inputs, number), _split(batch.targets, number)
    if isinstance(batch, Mixed):
        others = torch.tensor_split(batch.others, number)
        return [Mixed(*three, batch.share) for three in zip(inputs, targets, others, strict=True)]
    return [Batch(*pair) for pair in zip(inputs, targets, strict=True)]


def _split(targets: Any, number: int) -> Sequence[Any]:
    """Targets in as many parts, as `tensor_split` cuts the inputs."""
    if isinstance(targets, Tensor):
        return torch.tensor_split(targets, number)
    sizes = [len(part) for part in torch.tensor_split(torch.empty(len(targets)), number)]
    ends = list(accumulate(sizes))
    return [targets[end - size : end] for size, end in zip(sizes, ends, strict=True)]
