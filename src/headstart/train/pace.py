"""How long one training step takes on this machine: measured once, before the number of steps is set."""

from __future__ import annotations

import copy
import time

import torch
from torch import Tensor, nn

from headstart.core.card import ModelInput
from headstart.core.dataset import InputColumn
from headstart.core.strategy import Strategy
from headstart.data.columns import ArrayColumn
from headstart.features.preparation import preparation_of
from headstart.tasks.task import Model, sum_of
from headstart.train.fast import FastTraining
from headstart.train.feed import Batch

TRIAL = 16
"""Items of a trial step; time grows with their number from here on."""
REPEATS = 3


def seconds_per_item(
    model: Model,
    strategy: Strategy,
    *,
    facts: ModelInput,
    device: str,
    inputs: InputColumn | None = None,
    task: str = "",
) -> float:
    """Seconds that one item of a training step takes, forward and backward, at the size that is trained at.

    The best of three trials after one that warms up, on random pictures, or on texts out of `inputs`, which are as long
    as they are; the model and the caller's random numbers are left as they are.
    """
    with torch.random.fork_rng([device] if device.startswith("cuda") else []):
        column = ArrayColumn([]) if inputs is None else inputs
        items = preparation_of(model.backbone, facts, task=task).trial(
            column, items=TRIAL, side=strategy.train_size, device=device
        )
        return min(_trials(copy.deepcopy(model), strategy, inputs=items, device=device)[1:]) / TRIAL


def _trials(trial: Model, strategy: Strategy, *, inputs: Tensor, device: str) -> list[float]:
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
    batch = Batch(inputs, torch.zeros(TRIAL, dtype=torch.int64, device=device))
    fast = FastTraining(trial, strategy, device=device, precision="float32")
    fast.prepare(inputs)
    seconds = []
    with fast.running():
        for _ in range(1 + REPEATS):
            started = time.perf_counter()
            optimizer.zero_grad()
            fast.backward([batch], lambda part: sum_of(trial(part.inputs)))
            optimizer.step()
            if device.startswith("cuda"):
                torch.cuda.synchronize()
            seconds.append(time.perf_counter() - started)
    return seconds
