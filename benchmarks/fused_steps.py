"""A step of training with a run's optimiser and with torch's default AdamW, in turns; freed memory is kept.

`python -m benchmarks.fused_steps` measures what is not in `results/fused_steps.json` yet and prints the table. Seconds
are those of the processor, on one thread; the share of the optimiser itself is measured beside the whole step.
"""

from __future__ import annotations

import statistics
import time
from functools import partial
from typing import Any

from benchmarks.cells import Cells
from benchmarks.harness import RESULTS, machine, needs_shared

CELLS = Cells(RESULTS / "fused_steps.json")
TURNS, STEPS = 5, 5


def texts() -> Any:
    """MiniLM, and 16 texts of 32 tokens."""
    import torch

    from headstart import models

    return models.load("starter/minilm-l6"), torch.stack(
        [torch.randint(1000, 20_000, (16, 32)), torch.zeros(16, 32, dtype=torch.long)], dim=1
    )[:, None]


def pictures() -> Any:
    """MobileNetV2, and 32 pictures of 64 pixels."""
    import torch

    from headstart import models

    return models.load(str(needs_shared("models", "mobilenetv2_100.imagenet"))), torch.randn(32, 3, 64, 64)


WORK = {"16 texts of 32 tokens, MiniLM": texts, "32 pictures of 64 pixels, MobileNetV2": pictures}


def measured(name: str) -> dict[str, Any]:
    """Medians over the turns of both, the whole step and the optimiser alone."""
    import torch

    from headstart.core.allocator import kept_memory
    from headstart.core.strategy import Rule, Strategy
    from headstart.train.groups import Group
    from headstart.train.optimizer import build_optimizer

    torch.set_num_threads(1)
    torch.manual_seed(0)
    network, inputs = WORK[name]()
    network.train()
    parameters = dict(network.named_parameters())
    strategy = Strategy(method="full", rules=(Rule(pattern="*", learning_rate=1e-6),))
    optimizers = {
        "ours": build_optimizer([Group(1e-6, 0.01, parameters)], strategy),
        "default": torch.optim.AdamW(parameters.values(), lr=1e-6),
    }

    def whole(optimizer: torch.optim.Optimizer) -> None:
        optimizer.zero_grad(set_to_none=True)
        network(inputs).pooled.square().mean().backward()
        optimizer.step()

    found: dict[str, list[float]] = {}
    with kept_memory():
        for turn in range(TURNS + 1):
            for key, optimizer in optimizers.items():
                for what, step in (("step", partial(whole, optimizer)), ("optimiser", optimizer.step)):
                    started = time.process_time()
                    for _ in range(STEPS):
                        step()
                    if turn:  # the first makes the moments
                        found.setdefault(f"{key}, {what}", []).append((time.process_time() - started) / STEPS)
    pairs = zip(found["default, step"], found["ours, step"], strict=True)
    ratios = [theirs / ours for theirs, ours in pairs]
    return {
        "ratio": round(statistics.median(ratios), 3),
        "spread": [round(min(ratios), 3), round(max(ratios), 3)],
        "milliseconds": {key: round(1000 * statistics.median(times), 2) for key, times in found.items()},
        "machine": machine(),
    }


def main() -> None:
    """Measure what is missing, and print the table."""
    for name in WORK:
        if name not in CELLS.read():
            CELLS.add(name, measured(name))
    print("| step | default AdamW | fused | ratio | of it the optimiser |\n|---|---|---|---|---|")
    for name, cell in CELLS.read().items():
        ms = cell["milliseconds"]
        both = f"{ms['default, optimiser']:.1f} and {ms['ours, optimiser']:.1f} ms"
        ratio = f"{cell['ratio']:.2f}x ({cell['spread'][0]:.2f} to {cell['spread'][1]:.2f})"
        print(f"| {name} | {ms['default, step']:.0f} ms | {ms['ours, step']:.0f} ms | {ratio} | {both} |")


if __name__ == "__main__":
    main()
