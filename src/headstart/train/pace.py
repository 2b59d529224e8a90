"""How long one training step takes on this machine: measured once, before the number of steps is set."""

from __future__ import annotations

import copy
import time
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_map_only

from headstart.core.card import ModelInput
from headstart.core.dataset import InputColumn
from headstart.core.runtime import Precision
from headstart.core.strategy import Strategy
from headstart.data.columns import ArrayColumn
from headstart.features.preparation import preparation_of
from headstart.models.networks.detector import DetectorOutputs
from headstart.tasks.task import Model, sum_of
from headstart.train.fast import FastTraining
from headstart.train.feed import Batch
from headstart.train.mixup import Mixed

TRIAL = 16
"""Items of a trial step, where the recipe's batches are not smaller; time grows with their number from here on. Small
batches are those of large pictures, whose maps are too many for the processor's memory: 16 of 480 x 352 took 1.4 times
as long each as 8 do."""
REPEATS = 3


def seconds_per_item(
    model: Model,
    strategy: Strategy,
    *,
    facts: ModelInput,
    device: str,
    inputs: InputColumn | None = None,
    task: str = "",
    precision: Precision = "float32",
) -> float:
    """Seconds that one item of a training step takes, forward and backward, at the size and precision of the training.

    The best of three trials after one that warms up, on random pictures, or on texts out of `inputs`, which are as long
    as they are; the model and the caller's random numbers are left as they are.
    """
    with torch.random.fork_rng([device] if device.startswith("cuda") else []):
        column = ArrayColumn([]) if inputs is None else inputs
        count = min(TRIAL, strategy.batch_size or TRIAL)
        items = preparation_of(model.backbone, facts, task=task).trial(
            column, items=count, side=strategy.train_size, device=device
        )
        trial = copy.deepcopy(model)
        return min(_trials(trial, strategy, inputs=items, device=device, precision=precision)[1:]) / count


def uneven(outputs: Any) -> Any:
    """What a head made, each number of it weighted at random: their sum is the loss of a trial.

    The plain sum does not depend on what goes into a batch norm that is trained, so that its gradient is nothing but
    rounding below it. Numbers as small as that take a processor twice as long (MobileNetV2 from scratch, 480 x 352).
    """
    if isinstance(outputs, DetectorOutputs):
        return outputs  # its loss is no plain sum
    return tree_map_only(
        Tensor, lambda value: value * torch.randn_like(value) if value.is_floating_point() else value, outputs
    )


def _trials(trial: Model, strategy: Strategy, *, inputs: Tensor, device: str, precision: Precision) -> list[float]:
    """Seconds of each step."""
    trial.to(device).requires_grad_(True)
    trial.train()
    if strategy.normalisation == "frozen":  # else the batch's own statistics are computed, and cores cannot share it
        for module in trial.modules():
            if isinstance(module, nn.modules.batchnorm._BatchNorm):
                module.eval()
    if any(parameter.ndim == 4 for parameter in trial.parameters()):
        trial.to(memory_format=torch.channels_last)
        inputs = inputs.contiguous(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(trial.parameters(), lr=1e-6)
    batch = Batch(inputs, torch.zeros(len(inputs), dtype=torch.int64, device=device))
    fast = FastTraining(trial, strategy, device=device, precision=precision)
    fast.prepare(inputs)
    seconds = []

    def loss(part: Batch | Mixed) -> Tensor:
        with torch.autocast(device.partition(":")[0], torch.bfloat16, enabled=precision == "bfloat16"):
            outputs = trial(part.inputs)
        return sum_of(uneven(outputs))

    with fast.running():
        for _ in range(1 + REPEATS):
            started = time.perf_counter()
            optimizer.zero_grad()
            fast.backward([batch], loss)
            optimizer.step()
            if device.startswith("cuda"):
                torch.cuda.synchronize()
            seconds.append(time.perf_counter() - started)
    return seconds
