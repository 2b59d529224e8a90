"""What accelerate and torch keep for the whole process, kept apart for one training."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from headstart.core.runtime import Precision


@contextmanager
def own_process_state(*, seed: int, device: str, precision: Precision) -> Iterator[Any]:
    """An `Accelerator`; nothing leaks of its precision and device, or of torch's generators, which start at `seed`."""
    from accelerate import Accelerator
    from accelerate.state import AcceleratorState
    from accelerate.utils import GradientAccumulationPlugin

    AcceleratorState._reset_state(reset_partial_state=True)
    try:
        with (
            torch.random.fork_rng(range(torch.cuda.device_count())),
            torch.backends.cudnn.flags(deterministic=True, benchmark=False),
        ):
            torch.manual_seed(seed)
            # Without the plugin, a variable of the environment could have it divide gradients that we add up ourselves.
            plugin = GradientAccumulationPlugin(num_steps=1)
            mixed = "bf16" if precision == "bfloat16" else "no"
            yield Accelerator(cpu=device == "cpu", mixed_precision=mixed, gradient_accumulation_plugin=plugin)
    finally:
        AcceleratorState._reset_state(reset_partial_state=True)
