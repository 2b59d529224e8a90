"""How long one item takes in a network on this machine, and the memory that it needs: measured, within seconds."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from statistics import median

import torch
from torch import Tensor

from headstart.core.candidates import Cost, Limits
from headstart.core.card import InputFacts
from headstart.core.runtime import Precision
from headstart.models.backbone import Backbone
from headstart.models.cost.memory import PER_TRAINED_WEIGHT, peak_bytes, weight_bytes

BATCH = 16
TRAINING_BATCH = 16
MOST_REPEATS = 50


def measure_latency(
    backbone: Backbone,
    *,
    device: str = "cpu",
    precision: Precision = "float32",
    inputs: Tensor | None = None,
    size: tuple[int, int] | None = None,
    seconds: float = 2.0,
) -> Cost:
    """Median times of a backbone in evaluation, after warming up, at `size` or the one that it was made for.

    `inputs` is one prepared item (1, ...), which networks of texts need; pictures are made up where it is None.

    Half of `seconds` goes to single items, half to a batch of 16, or of as many as fit into that time; what takes
    longer than its half is run twice all the same. The backbone itself is left as it is.
    """
    facts = backbone.card.input if isinstance(backbone.card.input, InputFacts) else InputFacts()
    network = copy.deepcopy(backbone).eval().requires_grad_(False).to(device)
    network.to(memory_format=torch.channels_last)
    one = _inputs(facts.channels, size or facts.size, device) if inputs is None else inputs.to(device)
    single, repeats = _median_ms(_runner(network, one, device, precision), seconds=seconds / 2)
    batch = min(BATCH, max(1, int(1000 * seconds / 2 / 2 / single)))
    many = one.expand(batch, *one.shape[1:]).contiguous()
    if many.is_floating_point():
        many = many.contiguous(memory_format=torch.channels_last)
    whole, _ = _median_ms(_runner(network, many, device, precision), seconds=seconds / 2)
    weights = weight_bytes(network)
    forward = peak_bytes(network, one, training=False)
    network.requires_grad_(True)
    trained = weights + PER_TRAINED_WEIGHT * sum(4 * parameter.numel() for parameter in network.parameters())
    return Cost(
        device=device,
        precision=precision,
        threads=torch.get_num_threads(),
        size=(one.shape[-2], one.shape[-1]),
        single_ms=single,
        batch_ms=whole / batch,
        batch=batch,
        repeats=repeats,
        memory=weights + forward,
        training_memory=trained + TRAINING_BATCH * peak_bytes(network, one, training=True),
    )


def over(cost: Cost, limits: Limits) -> str | None:
    """What of a cost is more than the limits allow, as the reason for leaving a model out; None where nothing is."""
    if limits.max_latency_ms is not None and cost.single_ms > limits.max_latency_ms:
        return f"one item takes {cost.single_ms:.3g} ms here ({cost.device}), more than {limits.max_latency_ms:g} ms"
    if limits.max_memory is not None and cost.memory > limits.max_memory:
        return f"it needs {cost.memory / 1e6:,.0f} MB, more than {limits.max_memory / 1e6:,.0f} MB"
    return None


def _inputs(channels: int, size: tuple[int, int], device: str) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    inputs = torch.randn(1, channels, *size, generator=generator).to(device)
    return inputs.contiguous(memory_format=torch.channels_last)


def _runner(network: Backbone, inputs: Tensor, device: str, precision: Precision) -> Callable[[], None]:
    kind = device.partition(":")[0]

    @torch.inference_mode()
    def run() -> None:
        with torch.autocast(kind, torch.bfloat16, enabled=precision == "bfloat16"):
            network(inputs)
        if kind == "cuda":
            torch.cuda.synchronize(device)
        elif kind == "mps":
            torch.mps.synchronize()

    return run


def _median_ms(run: Callable[[], None], *, seconds: float) -> tuple[float, int]:
    """The median time of a run in milliseconds after one that does not count, and of how many."""
    begun = time.perf_counter()
    run()
    times: list[float] = []
    while len(times) < MOST_REPEATS and (not times or time.perf_counter() - begun < seconds):
        started = time.perf_counter()
        run()
        times.append(1000 * (time.perf_counter() - started))
    return median(times), len(times)
